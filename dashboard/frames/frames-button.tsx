import { lazy, Suspense, useRef, useState } from 'react';
import { createPortal } from 'react-dom';

const FramesPanel = lazy(() =>
  import('./frames-panel.tsx').then((module) => ({ default: module.FramesPanel })),
);

/** Opens the frames of the stream, whose code is loaded only then. */
export function FramesButton() {
  const [isOpen, setIsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setIsOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="bar-button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 4h12M2 8h12M2 12h7" />
        </svg>
        <span>Frames</span>
      </button>
      {isOpen &&
        // Under the board, which it leaves its place beside it.
        createPortal(
          <Suspense>
            <FramesPanel onClose={close} />
          </Suspense>,
          document.querySelector('#root')!,
        )}
    </>
  );
}
