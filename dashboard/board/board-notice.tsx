import { useState } from 'react';
import { useTasks } from '../../client/react/index.ts';
import { useBoard } from '../app/board-context.ts';
import { ConnectionNotice } from '../connection/connection-notice.tsx';
import { useSettledStatus } from '../connection/use-settled-status.ts';

/** Over the columns: what is wrong, and what to do; nothing while all is well. It is said once, politely. */
export function BoardNotice() {
  return (
    <div className="board-notices" role="status">
      <CurrentNotice />
    </div>
  );
}

/** The one that matters most. */
function CurrentNotice() {
  const { status: now, store } = useBoard();
  const status = useSettledStatus(now);
  const { status: load, error } = useTasks(store);
  const [wasInTrouble, setWasInTrouble] = useState(false);
  const isInTrouble = status.state !== 'live' && status.state !== 'connecting';
  if (isInTrouble && !wasInTrouble) setWasInTrouble(true);
  if (status.state === 'offline' || status.state === 'denied') return <ConnectionNotice status={status} />;
  if (load === 'failed') {
    return (
      <div className="board-notice" data-kind="problem">
        <p>
          <strong>The tasks could not be loaded.</strong> <span dir="auto">{error?.message}</span>
        </p>
        <button type="button" onClick={() => store?.reload()}>
          Load again
        </button>
      </div>
    );
  }
  if (status.state === 'recovering' || (status.state === 'connecting' && status.message !== undefined))
    return <ConnectionNotice status={status} />;
  if (error === undefined) {
    // To be seen in the top bar; a screen reader hears of it here alone, so that nothing is said twice.
    return wasInTrouble && <span className="visually-hidden">The connection is live again.</span>;
  }
  return (
    <div className="board-notice" data-kind="wait">
      <p>
        <strong>The tasks cannot be loaded yet.</strong> <span dir="auto">{error.message}</span> It is tried
        again by itself.
      </p>
    </div>
  );
}
