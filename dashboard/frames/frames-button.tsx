import { lazy, useRef, useState } from 'react';
import { LoadedPart } from '../app/loaded-part.tsx';

/** React keeps the outcome of a load that failed, so each opening makes its own. */
function loadPanel() {
  return lazy(() => import('./frames-panel.tsx').then((module) => ({ default: module.FramesPanel })));
}

/** Opens the frames of the stream, whose code is loaded only then. */
export function FramesButton() {
  const [opened, setOpened] = useState<{ readonly Panel: ReturnType<typeof loadPanel> }>();
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpened(undefined);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="bar-button"
        aria-expanded={opened !== undefined}
        onClick={() => setOpened(opened === undefined ? { Panel: loadPanel() } : undefined)}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 4h12M2 8h12M2 12h7" />
        </svg>
        <span>Frames</span>
      </button>
      {opened !== undefined && (
        <LoadedPart name="The list of frames" onClose={close}>
          <opened.Panel onClose={close} />
        </LoadedPart>
      )}
    </>
  );
}
