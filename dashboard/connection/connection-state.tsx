import { useBoard } from '../app/board-context.ts';
import { connectionWords } from './connection-words.ts';

/** How the connection is, in words, with a button where the user can do something about it. */
export function ConnectionState() {
  const { connection, status } = useBoard();
  const { state, message } = status;
  const canTry = state === 'denied' || (state === 'recovering' && message !== undefined);
  return (
    <div className="connection">
      <p role="status">
        <span id="connection" data-state={state}>
          {connectionWords[state]}
        </span>
        {message !== undefined && <span id="connection-detail">{message}</span>}
      </p>
      {canTry && (
        <button type="button" onClick={() => connection?.reconnect()}>
          {state === 'denied' ? 'Connect again' : 'Try now'}
        </button>
      )}
    </div>
  );
}
