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
        Connections
      </button>
      {isOpen && (
        <Suspense>
          <ConnectionsDialog onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
