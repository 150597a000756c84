import type { ConnectionStatus } from '../../client/index.ts';
import { useBoard } from '../app/board-context.ts';
import { consequenceOf, remedyLabels, remedyOf, troubleOf } from './connection-words.ts';

/** What is wrong with the connection, what still works, and a button where one helps. */
export function ConnectionNotice({ status }: { readonly status: ConnectionStatus }) {
  const { connection, onSignIn } = useBoard();
  const remedy = remedyOf(status, onSignIn !== undefined);
  const trouble = troubleOf(status);
  return (
    <div className="board-notice" data-kind={status.state === 'denied' ? 'problem' : 'wait'}>
      <p>
        {status.state === 'denied' && <strong>The connection has ended. </strong>}
        {trouble !== undefined && <strong id="connection-detail">{trouble}</strong>}{' '}
        <span>{consequenceOf(status)}</span>
      </p>
      {remedy !== undefined && (
        <button
          type="button"
          onClick={() => (remedy === 'sign-in-again' ? onSignIn?.() : connection?.reconnect())}
        >
          {remedyLabels[remedy]}
        </button>
      )}
    </div>
  );
}
