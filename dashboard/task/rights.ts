import type { Task } from '../../client/index.ts';
import type { Identity } from '../app/identity.ts';

/** Why a user may not change who sees a task and whom it is for, for people; undefined where that is allowed. */
export function sharingObstacle(
  { created_by: creator }: Task,
  { user, admin }: Identity,
): string | undefined {
  if (admin || creator === user) return undefined;
  const who = creator === null ? 'Only admins' : `Only ${creator}, who made it, and admins`;
  return `${who} can change who sees this task and whom it is for.`;
}
