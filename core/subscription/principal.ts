import { createHash } from 'node:crypto';
import { userIdPattern } from '../../protocol/patterns.ts';

/** Who is asking: one user in one workspace, with the rights that the token grants there. */
export interface Principal {
  readonly workspace: string;
  readonly user: string;
  readonly admin: boolean;
}

/** Workspace names are partition keys; without `#` no name can collide with the bookkeeping partitions beside it. */
const workspaceName = /^[A-Za-z0-9_.-]{1,64}$/;

/** Whether a string is a workspace name: 1 to 64 letters, digits, `_`, `.` or `-`. */
export function isWorkspaceName(value: unknown): value is string {
  return typeof value === 'string' && workspaceName.test(value);
}

/** Whether a string is a user id: 1 to 128 printable ASCII characters without spaces. */
export function isUserId(value: unknown): value is string {
  return typeof value === 'string' && userIdPattern.test(value);
}

/**
 * A fingerprint of everything that decides what a principal may see, for the cursor: 96 bits in base64url, 16 characters.
 * It grants nothing, the seal beside it does; it only shows that a cursor was made under other rights.
 */
export function rightsFingerprint(principal: Principal): string {
  const rights = JSON.stringify([principal.workspace, principal.user, principal.admin]);
  return createHash('sha256').update(rights).digest('base64url').slice(0, 16);
}
