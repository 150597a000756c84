import type { ReactNode } from 'react';

export interface NoticeProps {
  readonly title: string;
  readonly text?: string | undefined;
  /** What the page is doing, where the user only has to wait. */
  readonly status?: string;
  /** Buttons. */
  readonly children?: ReactNode;
}

/** What the page says in place of a board. */
export function Notice({ title, text, status, children }: NoticeProps) {
  return (
    <main className="notice" data-waiting={status !== undefined}>
      <img src="/icon.svg" alt="" width="48" height="48" />
      <h1>{title}</h1>
      {text !== undefined && <p role="alert">{text}</p>}
      {status !== undefined && <p role="status">{status}</p>}
      {children}
    </main>
  );
}
