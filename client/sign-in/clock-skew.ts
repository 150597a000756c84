import { claimsOf } from '../shared/claims.ts';

/**
 * How far the issuer's clock is ahead of this machine's, in seconds: the time at which a token says that it was issued,
 * against the time at which it has come. A machine's own clock may be wrong by hours; between the two times is only the
 * answer's way.
 * @param idToken JWT that has just been issued.
 * @param receivedAt epoch milliseconds by this machine's clock.
 * @returns 0 where the token tells nothing: then it is for others to refuse it.
 */
export function clockSkewSeconds(idToken: unknown, receivedAt: number): number {
  const iat = claimsOf(String(idToken))?.['iat'];
  return typeof iat === 'number' && Number.isFinite(iat) ? Math.round(iat - receivedAt / 1000) : 0;
}
