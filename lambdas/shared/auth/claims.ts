import { readClaim } from '../../../protocol/claim.ts';
import { faultOfTimes, leewaySeconds, TokenRefused } from '../../../core/identity/token.ts';
import { isUserId, isWorkspaceName } from '../../../core/subscription/principal.ts';
import type { Principal } from '../../../core/subscription/principal.ts';
import type { TokenSettings } from './environment.ts';

/** What a token's issuer says of its bearer. */
export type Claims = Readonly<Record<string, unknown>>;

/** What the claims of a good token say. */
export interface ClaimedRights {
  readonly principal: Principal;
  /** From when on the token is refused, epoch milliseconds. */
  readonly expiresAt: number;
  /** When it was made, epoch milliseconds. */
  readonly issuedAt: number;
}

/**
 * Reads the claims of a token whose signature is good.
 * @param now epoch milliseconds.
 * @throws {TokenRefused} when they cannot be used, or not now.
 */
export function readClaims(
  claims: Claims,
  { workspaceClaim, adminClaim, adminValue, defaultWorkspace, tokenLifeSeconds }: TokenSettings,
  now: number,
): ClaimedRights {
  const { sub: user, exp, iat } = claims;
  // A claim that is there and says nothing is not an absent one.
  const named = readClaim(claims, workspaceClaim);
  const workspace = named === undefined ? defaultWorkspace : named;
  if (!isUserId(user) || !isWorkspaceName(workspace)) throw new TokenRefused('token_unusable');
  const fault = faultOfTimes(claims, now / 1000, tokenLifeSeconds);
  if (fault !== undefined) throw new TokenRefused(fault);
  const roles = readClaim(claims, adminClaim);
  const admin = Array.isArray(roles) ? roles.includes(adminValue) : textOf(roles) === adminValue;
  return {
    principal: { workspace, user, admin },
    expiresAt: ((exp as number) + leewaySeconds) * 1000,
    issuedAt: (iat as number) * 1000,
  };
}

/** A claim as text. An object has none: with a `toString` of its own it could not even be made one. */
function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' || typeof claim === 'number' || typeof claim === 'boolean'
    ? String(claim)
    : undefined;
}
