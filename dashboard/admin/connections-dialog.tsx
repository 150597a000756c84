import { Dialog } from '@base-ui/react/dialog';
import { useState } from 'react';
import { useBoard } from '../app/board-context.ts';
import { ConnectionTable } from './connection-table.tsx';
import { EndDialog } from './end-dialog.tsx';
import type { OpenConnection } from './use-open-connections.ts';
import { useOpenConnections } from './use-open-connections.ts';

/** Who has the workspace open, for admins, who can end each connection. */
export function ConnectionsDialog({ onClose }: { readonly onClose: () => void }) {
  const { connection, identity, frames } = useBoard();
  const { list, problem, isBusy, refresh, end } = useOpenConnections(connection);
  const [ending, setEnding] = useState<OpenConnection>();
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog connections" aria-busy={isBusy}>
          <Dialog.Title>Open connections</Dialog.Title>
          <Dialog.Description className="connections-count" role="status">
            {list === undefined
              ? problem === undefined && 'Loading…'
              : countOf(list.length, identity.workspace)}
          </Dialog.Description>
          {problem !== undefined && (
            <p className="connections-problem" role="alert">
              {problem}
            </p>
          )}
          {list !== undefined && (
            <ConnectionTable
              connections={list}
              ownId={frames?.connectionId}
              ownUser={identity.user}
              onEnd={setEnding}
            />
          )}
          <div className="buttons">
            <button type="button" disabled={isBusy} onClick={() => void refresh()}>
              Refresh
            </button>
            <Dialog.Close className="primary">Close</Dialog.Close>
          </div>
          {ending !== undefined && (
            <EndDialog
              connection={ending}
              isOwn={ending.id === frames?.connectionId}
              onCancel={() => setEnding(undefined)}
              onEnd={() => {
                setEnding(undefined);
                void end(ending.id);
              }}
            />
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function countOf(count: number, workspace: string): string {
  return `${count.toLocaleString()} open in ${workspace}. Tabs of one browser share one.`;
}
