import type { ReturnMark } from '../../../protocol/cursor.ts';
import type { VerifiedToken } from '../auth/verifier.ts';
import type { StoredConnection } from '../dynamodb/connection-item.ts';

/** What its client asks for that opens a connection. */
interface ConnectionRequest {
  readonly leaseSeconds?: number | undefined;
  /** What it says of its stream before; undefined where it says nothing. */
  readonly returning?: ReturnMark | undefined;
}

/** What the connections table is to know of a stream that opens now and ends at `deadline` at the latest, epoch milliseconds. */
export function newConnection(
  id: string,
  { leaseSeconds, returning }: ConnectionRequest,
  { principal, fingerprint, tokenExpiresAt }: VerifiedToken,
  deadline: number,
  now: number,
): StoredConnection {
  return {
    workspace: principal.workspace,
    user: principal.user,
    id,
    connectedAt: now,
    deadline,
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
