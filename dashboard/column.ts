import type { Task, TaskStatus } from '../core/task/task.ts';

/** The column in which a task is shown: a task that is put away is among the archived, whatever its status was. */
export function columnOf({ status, archived }: Pick<Task, 'status' | 'archived'>): TaskStatus {
  return archived ? 'archived' : status;
}
