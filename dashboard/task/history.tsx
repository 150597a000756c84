import { useSyncExternalStore } from 'react';
import type { Connection } from '../../client/index.ts';
import { useOpened } from '../../client/react/index.ts';
import { describeChange } from './history-words.ts';
import { RelativeTime } from './relative-time.tsx';
import type { HistorySnapshot } from './task-history.ts';
import { keyOf, TaskHistory } from './task-history.ts';

export interface HistoryProps {
  readonly connection: Connection;
  readonly id: number;
}

/** What has become of a task, and who has done it. */
export function History({ connection, id }: HistoryProps) {
  const history = useOpened(() => new TaskHistory(connection, id), [connection, id]);
  return (
    <section className="history" aria-label="History">
      <h3>History</h3>
      {history !== undefined && <Changes history={history} />}
    </section>
  );
}

function Changes({ history }: { readonly history: TaskHistory }) {
  const snapshot = useSyncExternalStore(history.subscribe, history.getSnapshot);
  const { events, isLoading, error, hasMore, hasGaps } = snapshot;
  return (
    <>
      <ol aria-busy={isLoading}>
        {events.map((event, index) => (
          <li key={keyOf(event)}>
            <span dir="auto">{describeChange(event, taskBefore(snapshot, index))}</span>
            <RelativeTime at={event.timestamp} />
          </li>
        ))}
      </ol>
      {isLoading && <p className="hint">Loading…</p>}
      {error !== undefined && (
        <p role="alert" className="problem">
          The history cannot be shown. {error}
        </p>
      )}
      {!isLoading && (error !== undefined || hasMore) && (
        <button type="button" onClick={history.loadMore}>
          {error === undefined ? 'Older changes' : 'Try again'}
        </button>
      )}
      {hasGaps && <p className="hint">Some changes are missing here: the log could not tell them.</p>}
      {isCutOff(snapshot) && <p className="hint">Older changes are not kept.</p>}
    </>
  );
}

/** The task before a change; undefined where that is not known. */
function taskBefore({ events }: HistorySnapshot, index: number) {
  const older = events[index + 1];
  return older === undefined || older.type === 'task.deleted' ? undefined : older.task;
}

/** Whether all was loaded that there is, and something is missing. */
function isCutOff({ events, hasMore, isLoading, error }: HistorySnapshot): boolean {
  return !hasMore && !isLoading && error === undefined && events.at(-1)?.type !== 'task.created';
}
