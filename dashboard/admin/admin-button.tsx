import { lazy, Suspense, useState } from 'react';

const ConnectionsDialog = lazy(() =>
  import('./connections-dialog.tsx').then((module) => ({ default: module.ConnectionsDialog })),
);

/** Opens what admins see of the workspace's connections, whose code is loaded only then. */
export function AdminButton() {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button type="button" className="bar-button" aria-haspopup="dialog" onClick={() => setIsOpen(true)}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M6 2v4M10 2v4M4 6h8v2a4 4 0 0 1-8 0zM8 12v3" />
        </svg>
        <span>Connections</span>
      </button>
      {isOpen && (
        <Suspense>
          <ConnectionsDialog onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
