/** What the canary has to know of its token. */
export interface TokenClaims {
  /** Its user. */
  readonly sub: string;
  /** Until when it is good, epoch milliseconds. */
  readonly expiresAt: number;
}

/**
 * Reads a token that the canary was given. Nothing is verified: the functions that it is sent to do that.
 * @throws {Error} for what is no JWT with `sub` and `exp`; the text is not in it.
 */
export function tokenClaims(token: string): TokenClaims {
  const { sub, exp } = payloadOf(token);
  if (typeof sub !== 'string' || typeof exp !== 'number') throw new Error('the token has no sub or no exp');
  return { sub, expiresAt: exp * 1000 };
}

function payloadOf(token: string): Readonly<Record<string, unknown>> {
  const [, payload = ''] = token.split('.');
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims === 'object' && claims !== null) return claims as Record<string, unknown>;
  } catch {
    // As below: the parser's own error quotes what it was given.
  }
  throw new Error('the token is no JWT');
}
