import type { PlannedEnds } from '../../core/session/planned-ends.ts';
import type { VerifiedToken } from '../shared/auth/verifier.ts';
import type { StoredConnection } from '../shared/dynamodb/connection-item.ts';
import type { StreamRequest } from './request.ts';

/** What the connections table is to know of a stream that opens now, epoch milliseconds. */
export function newConnection(
  id: string,
  { leaseSeconds, returning }: StreamRequest,
  { principal, fingerprint, tokenExpiresAt }: VerifiedToken,
  ends: PlannedEnds,
  now: number,
): StoredConnection {
  return {
    workspace: principal.workspace,
    user: principal.user,
    id,
    connectedAt: now,
    deadline: Math.min(...Object.values(ends)),
    after: returning?.after,
    // A client cannot have come later than now, whatever it says.
    born: Math.min(returning?.born ?? now, now),
    token: fingerprint,
    // Not the ticket's, which may have opened it: an admin's end revokes the token, and that must last as long.
    tokenExpiresAt,
    leaseSeconds,
    leaseUntil: leaseSeconds === undefined ? undefined : now + leaseSeconds * 1000,
  };
}
