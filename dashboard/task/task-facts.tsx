import type { Task } from '../../client/index.ts';
import { RelativeTime } from './relative-time.tsx';

/** Who made a task and who changed it last, and when. */
export function TaskFacts({ task }: { readonly task: Task }) {
  const {
    created_by: creator,
    created_at: madeAt,
    updated_by: writer,
    updated_at: changedAt,
    version,
  } = task;
  return (
    <div className="facts-list">
      <p>
        Made by <bdi>{creator ?? 'somebody unknown'}</bdi>
        {madeAt !== null && (
          <>
            , <RelativeTime at={madeAt} />
          </>
        )}
      </p>
      <p>
        Changed last by <bdi>{writer ?? 'somebody unknown'}</bdi>
        {changedAt !== null && (
          <>
            , <RelativeTime at={changedAt} />
          </>
        )}
      </p>
      <p>Version {version}</p>
    </div>
  );
}
