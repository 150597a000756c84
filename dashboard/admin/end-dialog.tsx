import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { OpenConnection } from './use-open-connections.ts';

export interface EndDialogProps {
  readonly connection: OpenConnection;
  /** Whether it is the one of this page. */
  readonly isOwn: boolean;
  readonly onCancel: () => void;
  readonly onEnd: () => void;
}

/** Asks whether a connection is to be ended, and says what that does. */
export function EndDialog({ connection, isOwn, onCancel, onEnd }: EndDialogProps) {
  return (
    <AlertDialog.Root open onOpenChange={onCancel}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog end-dialog">
          <AlertDialog.Title>End this connection?</AlertDialog.Title>
          <AlertDialog.Description className="end-consequences" dir="auto">
            {connection.userId} sees no more changes on it, and the token that opened it is revoked. Who can
            get a new token can come back with it.
            {isOwn && ' It is the connection of this page.'}
          </AlertDialog.Description>
          <div className="buttons">
            <AlertDialog.Close>Cancel</AlertDialog.Close>
            <button type="button" className="danger-button" onClick={onEnd}>
              End connection
            </button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
