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
