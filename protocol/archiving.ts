import type { TaskInput } from './task-input.ts';
import type { TaskStatus } from './task.ts';

/** The column of a task that is taken out of the archive where none is said and it has kept none. */
const unarchived: TaskStatus = 'inbox';

/**
 * Makes status and flag of a change agree: who gives a task a column means it to be there, so only the column `archived`
 * leaves it archived, unless the change says so itself; and one that leaves the archive has a column again.
 * @param current the status of the task before.
 */
export function withArchiving(input: Partial<TaskInput>, current: TaskStatus): Partial<TaskInput> {
  const { status, archived } = input;
  if (status !== undefined && archived === undefined) return { ...input, archived: status === 'archived' };
  const leaves = archived === false && status === undefined && current === 'archived';
  return leaves ? { ...input, status: unarchived } : input;
}
