import type { Principal } from './principal.ts';
import type { Task } from '../../protocol/task.ts';

/** What visibility depends on; the log keeps just this much of the image before a change. */
export type VisibilityFacts = Pick<Task, 'visibility' | 'created_by' | 'assignees'>;

/**
 * Whether a principal may see a task of its own workspace. The only rule there is: list, get, live events and replay
 * all ask here. The caller has already made sure that the task is of the principal's workspace.
 */
export function canSee(principal: Principal, task: VisibilityFacts): boolean {
  return (
    task.visibility === 'workspace' ||
    principal.admin ||
    task.created_by === principal.user ||
    task.assignees.includes(principal.user)
  );
}

/** Whether a principal may change who sees a task: its creator and admins; admins alone where no creator is known. */
export function canShare(principal: Principal, task: Pick<Task, 'created_by'>): boolean {
  return principal.admin || task.created_by === principal.user;
}
