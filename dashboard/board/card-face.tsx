import type { Task } from '../../client/index.ts';
import { Avatar } from '../presence/avatar.tsx';

/** How many assignees are pictured. */
const most = 3;

/** What a card says of its task, without what can be done with it. */
export function CardFace({ task }: { readonly task: Task }) {
  return (
    <>
      <p className="name" dir="auto">
        {task.name}
      </p>
      <CardFacts task={task} />
    </>
  );
}

/** Below the name of a task. */
export function CardFacts({ task }: { readonly task: Task }) {
  const { priority, blocked, visibility, assigned_to_agent: isForAgent } = task;
  return (
    <p className="facts">
      {task.id > 0 && <span>#{task.id}</span>}
      {priority > 0 && (
        <span className="badge" data-kind={priority >= 70 ? 'urgent' : 'priority'}>
          P{priority}
        </span>
      )}
      {blocked && (
        <span className="badge" data-kind="blocked">
          Blocked
        </span>
      )}
      {visibility === 'private' && (
        <span className="badge" data-kind="private">
          Private
        </span>
      )}
      {isForAgent && <span className="badge">Agent</span>}
    </p>
  );
}

/** Who a task is assigned to. */
export function Assignees({ task: { assignees } }: { readonly task: Task }) {
  if (assignees.length === 0) return undefined;
  return (
    <span className="assignees">
      <span className="visually-hidden">Assigned to {assignees.join(', ')}</span>
      {assignees.slice(0, most).map((user) => (
        <Avatar key={user} user={user} />
      ))}
      {assignees.length > most && <span aria-hidden="true">+{assignees.length - most}</span>}
    </span>
  );
}
