import { leewaySeconds } from '../identity/token.ts';

/** What is known of a user's revoked rights. */
export interface Revocations {
  /** Tokens issued at this time or before are refused, epoch milliseconds; undefined where there is none. */
  readonly notBefore: number | undefined;
  /** Fingerprints of single tokens that are refused. */
  readonly tokens: ReadonlySet<string>;
}

/** What a revocation goes by. */
export interface TokenFacts {
  /** When the issuer made the token, epoch milliseconds; undefined where the token does not say. */
  readonly issuedAt: number | undefined;
  /** See `tokenFingerprint`. */
  readonly fingerprint: string;
}

/**
 * Whether a token is revoked. Issuers tell the time in whole seconds, so a token of the very second of the revocation is
 * refused too; one that does not tell its time may be any age.
 */
export function isRevoked(
  { issuedAt, fingerprint }: TokenFacts,
  { notBefore, tokens }: Revocations,
): boolean {
  if (tokens.has(fingerprint)) return true;
  return notBefore !== undefined && (issuedAt === undefined || issuedAt <= notBefore);
}

/** A time up to which tokens are refused, and when none of them lives any more, epoch milliseconds. */
export interface Cut {
  readonly notBefore: number;
  readonly expiresAt: number;
}

/**
 * The cut that refuses every token that may have been made until now, whatever the issuer's clock said.
 * @param now epoch milliseconds.
 * @param longestLife of a token that is accepted, seconds.
 */
export function cutAt(now: number, longestLife: number): Cut {
  const notBefore = now + leewaySeconds * 1000;
  // Each of them expires so long after it was issued, and is good for the leeway after that.
  return { notBefore, expiresAt: notBefore + (longestLife + leewaySeconds) * 1000 };
}

/** What is kept of a user's revoked rights. */
export interface KeptRevocations {
  readonly notBefore: number | undefined;
  /** When each of the single tokens expires, epoch milliseconds, by fingerprint. */
  readonly tokens: ReadonlyMap<string, number>;
  /** When nothing of it counts any more, epoch milliseconds. */
  readonly expiresAt: number;
}

/** The most single tokens that are kept of a user: their item is read with each request, and must stay small. */
export const mostTokens = 32;

/**
 * Adds single tokens, and leaves out those that have expired. Where they are too many, all that the user was given until
 * now is refused instead.
 * @param tokens when each expires, epoch milliseconds, with its fingerprint.
 * @param now epoch milliseconds.
 */
export function withTokens(
  { notBefore, tokens: kept, expiresAt }: KeptRevocations,
  tokens: readonly (readonly [fingerprint: string, expiresAt: number])[],
  now: number,
  all: Cut,
): KeptRevocations {
  const alive = new Map([...kept, ...tokens].filter(([, until]) => until > now));
  if (alive.size <= mostTokens) {
    return { notBefore, tokens: alive, expiresAt: Math.max(expiresAt, ...alive.values()) };
  }
  return {
    notBefore: Math.max(notBefore ?? -Infinity, all.notBefore),
    tokens: new Map(),
    expiresAt: Math.max(expiresAt, all.expiresAt),
  };
}
