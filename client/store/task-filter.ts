import type { Task, TaskStatus } from '../../protocol/task.ts';

/** Which tasks: those that all parts name; all of them where nothing is said. docs/PROTOCOL.md, "Filters". */
export interface TaskFilter {
  readonly tasks?: readonly number[] | undefined;
  readonly status?: readonly TaskStatus[] | undefined;
  readonly assigned_to_agent?: boolean | undefined;
}

/** Whether a task is one of those that a filter names; as the server judges it. */
export function isWanted({ tasks, status, assigned_to_agent: assigned }: TaskFilter, task: Task): boolean {
  return (
    (tasks?.includes(task.id) ?? true) &&
    (status?.includes(task.status) ?? true) &&
    (assigned === undefined || assigned === task.assigned_to_agent)
  );
}
