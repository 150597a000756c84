import type { Task, TaskStatus } from '../../protocol/task.ts';

/** A user of a workspace. */
export interface User {
  readonly sub: string;
  readonly admin: boolean;
  /** The statuses of the tasks that this user asks for; all when it is left out. */
  readonly statuses?: readonly TaskStatus[] | undefined;
}

/** How a user asks for its tasks, to be put behind other parameters; empty for all. */
export function filterOf({ statuses }: User): string {
  return statuses === undefined ? '' : `&status=${statuses.join()}`;
}

/**
 * Whether a user may see a task, and asks for it, as docs/PROTOCOL.md has it. Written again on purpose: with the rule of
 * `core` a wrong rule would judge itself.
 */
export function maySee({ sub, admin, statuses }: User, task: Task): boolean {
  if (statuses !== undefined && !statuses.includes(task.status)) return false;
  return admin || task.visibility === 'workspace' || task.created_by === sub || task.assignees.includes(sub);
}
