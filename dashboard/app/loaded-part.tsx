import { Suspense } from 'react';
import type { ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { FailureBoundary } from './failure-boundary.tsx';

export interface LoadedPartProps {
  /** What the part is, at the beginning of a sentence. */
  readonly name: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A part under the board whose code is loaded when it is opened; where that fails, the board stays. */
export function LoadedPart({ name, onClose, children }: LoadedPartProps) {
  const failure = (
    <section className="part-failure" role="alert">
      <p>
        <strong>{name} cannot be shown.</strong> Close this and try again when there is a network. If that
        does not help, load the page again.
      </p>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </section>
  );
  return createPortal(
    <FailureBoundary instead={() => failure}>
      <Suspense>{children}</Suspense>
    </FailureBoundary>,
    document.querySelector('#root')!,
  );
}
