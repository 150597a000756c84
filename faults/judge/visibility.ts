import type { Task } from '../../protocol/task.ts';

/** A user of a workspace. */
export interface User {
  readonly sub: string;
  readonly admin: boolean;
}

/**
 * Whether a user may see a task, as docs/PROTOCOL.md has it. Written again on purpose: with the rule of `core` a wrong
 * rule would judge itself.
 */
export function maySee({ sub, admin }: User, task: Task): boolean {
  return admin || task.visibility === 'workspace' || task.created_by === sub || task.assignees.includes(sub);
}
