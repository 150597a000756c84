import { useBoard } from '../app/board-context.ts';
import { connectionWords } from './connection-words.ts';
import { useSettledStatus } from './use-settled-status.ts';

/** How the connection is, in a word; the notice over the board says what follows from it, also to screen readers. */
export function ConnectionState() {
  const { status } = useBoard();
  const shown = useSettledStatus(status);
  return (
    <p className="connection">
      <span id="connection" data-state={status.state} data-shown={shown.state}>
        {connectionWords[shown.state]}
      </span>
    </p>
  );
}
