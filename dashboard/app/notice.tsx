import type { ReactNode } from 'react';

export interface NoticeProps {
  readonly title: string;
  readonly text?: string | undefined;
  /** Buttons. */
  readonly children?: ReactNode;
}

/** What the page says in place of a board. */
export function Notice({ title, text, children }: NoticeProps) {
  return (
    <main className="notice">
      <img src="/icon.svg" alt="" width="48" height="48" />
      <h1>{title}</h1>
      {text !== undefined && <p role="alert">{text}</p>}
      {children}
    </main>
  );
}
