import { lazy, useState } from 'react';
import { LoadedPart } from '../app/loaded-part.tsx';

/** React keeps the outcome of a load that failed, so each opening makes its own. */
function loadDialog() {
  return lazy(() =>
    import('./connections-dialog.tsx').then((module) => ({ default: module.ConnectionsDialog })),
  );
}

/** Opens what admins see of the workspace's connections, whose code is loaded only then. */
export function AdminButton() {
  const [opened, setOpened] = useState<{ readonly Dialog: ReturnType<typeof loadDialog> }>();
  const close = (): void => setOpened(undefined);
  return (
    <>
      <button
        type="button"
        className="bar-button"
        aria-haspopup="dialog"
        onClick={() => setOpened({ Dialog: loadDialog() })}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M6 2v4M10 2v4M4 6h8v2a4 4 0 0 1-8 0zM8 12v3" />
        </svg>
        <span>Connections</span>
      </button>
      {opened !== undefined && (
        <LoadedPart name="The list of connections" onClose={close}>
          <opened.Dialog onClose={close} />
        </LoadedPart>
      )}
    </>
  );
}
