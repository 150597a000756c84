import type { TokenError } from '../../protocol/errors.ts';
import { paths } from '../../protocol/routes.ts';
import { Refusal } from '../refusal.ts';

/** What whoever comes with a bad token can do. */
const advice: Readonly<Record<TokenError, string>> = {
  token_missing: `no token: send "Authorization: Bearer <jwt>"; on ${paths.stream} also ?ticket=<ticket> of POST ${paths.ticket}, or ?token=<jwt>`,
  token_malformed: `the token is not a JWT: send it whole, as the issuer gave it; a ticket is good for ?ticket= of ${paths.stream} and ${paths.webSocket} alone`,
  token_expired: 'the token has expired: get a new one from the issuer',
  token_invalid: 'the token is not one of the configured issuer for this audience: sign in again',
  token_revoked:
    'the rights of this token, or of the one that this ticket is of, were revoked: sign in again, or ask an admin of the workspace',
  token_unusable:
    'the token names no usable user, workspace, expiry or time of issue: ask the operator to check its claims',
  token_too_long_lived:
    'the token lives longer than this deployment accepts: ask the operator to let the issuer make shorter ones, or to raise tokenLifeSeconds',
};

/** What whoever comes with a bad ticket can do, where it is something else than with a token. */
const ticketAdvice: Readonly<Partial<Record<TokenError, string>>> = {
  token_malformed: `the ticket is none: send it once and whole, as POST ${paths.ticket} gave it; a JWT goes into ?token=`,
  token_expired: `the ticket has expired: get another one with POST ${paths.ticket}`,
  token_invalid: `nobody was given this ticket here: get one with POST ${paths.ticket}`,
};

/** A token, or a ticket in its place, that is refused for good. */
export class TokenRefused extends Refusal {
  override readonly name = 'TokenRefused';
  declare readonly code: TokenError;

  /** @param kind what was sent. */
  constructor(code: TokenError, kind: 'token' | 'ticket' = 'token') {
    super(code, (kind === 'ticket' ? ticketAdvice[code] : undefined) ?? advice[code]);
  }
}

/** The longest token that is looked at, characters. */
const longestToken = 8192;

/**
 * How far the clock of an issuer may be from ours, seconds. For all times of a token alike: it is good so much after its
 * `exp`, so much before its `nbf` and `iat`, and refused where its `iat` is so little after a revocation.
 */
export const leewaySeconds = 5;

const bearer = /^Bearer +([^\s]+) *$/i;

/**
 * The token of a request: the header counts before the query.
 * @param authorization value of the `Authorization` header.
 * @param query value of the `token` query parameter.
 * @returns the token, or why there is none to verify.
 */
export function findToken(
  authorization: string | undefined,
  query: string | undefined,
): { token: string } | TokenError {
  if (authorization) {
    const token = bearer.exec(authorization)?.[1];
    if (token === undefined) return 'token_malformed';
    return token.length > longestToken ? 'token_malformed' : { token };
  }
  if (!query) return 'token_missing';
  return query.length > longestToken ? 'token_malformed' : { token: query };
}

/** The times of a token as its claims say them: epoch seconds, where they are numbers. */
export interface TokenTimes {
  readonly exp?: unknown;
  readonly nbf?: unknown;
  readonly iat?: unknown;
}

/**
 * What is wrong with the times of a token, if anything.
 * @param now epoch seconds.
 * @param longestLife from `iat` to `exp`, seconds: how long a revocation has to be remembered.
 */
export function faultOfTimes(
  { exp, nbf, iat }: TokenTimes,
  now: number,
  longestLife: number,
): TokenError | undefined {
  // Without a time of issue nobody can tell whether a revocation came later.
  if (typeof exp !== 'number' || typeof iat !== 'number') return 'token_unusable';
  if (!(now < exp + leewaySeconds)) return 'token_expired';
  if (iat > now + leewaySeconds) return 'token_invalid';
  if (typeof nbf === 'number' && nbf > now + leewaySeconds) return 'token_invalid';
  return exp - iat > longestLife ? 'token_too_long_lived' : undefined;
}
