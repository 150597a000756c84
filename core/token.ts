/** Why a token is refused; the table in docs/PROTOCOL.md says the same. */
export const TOKEN_FAULTS = {
  token_missing: 'no token: send "Authorization: Bearer <jwt>", or ?token=<jwt> on /sse/connect',
  token_malformed: 'the token is not a JWT: send it whole, as the issuer gave it',
  token_expired: 'the token has expired: get a new one from the issuer',
  token_invalid: 'the token is not one of the configured issuer for this audience: sign in again',
  token_revoked: 'the rights of this token were revoked: sign in again, or ask an admin of the workspace',
  token_unusable: 'the token names no usable user, workspace or expiry: ask the operator to check its claims',
} as const;

export type TokenFault = keyof typeof TOKEN_FAULTS;

/** The longest token that is looked at, characters. */
export const LONGEST_TOKEN = 8192;

const BEARER = /^Bearer +([^\s]+) *$/i;

/**
 * The token of a request: the header counts before the query.
 * @param authorization value of the `Authorization` header.
 * @param query value of the `token` query parameter.
 * @returns the token, or why there is none to verify.
 */
export function findToken(
  authorization: string | undefined,
  query: string | undefined,
): { token: string } | TokenFault {
  if (authorization) {
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) return 'token_malformed';
    return token.length > LONGEST_TOKEN ? 'token_malformed' : { token };
  }
  if (!query) return 'token_missing';
  return query.length > LONGEST_TOKEN ? 'token_malformed' : { token: query };
}
