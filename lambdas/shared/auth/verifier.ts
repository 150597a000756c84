import { createHash } from 'node:crypto';
import { CognitoJwtVerifier, JwtVerifier } from 'aws-jwt-verify';
import { JwtInvalidSignatureError } from 'aws-jwt-verify/error';
import type { Fetcher } from 'aws-jwt-verify/https';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import type { Principal } from '../../../core/subscription/principal.ts';
import type { TokenFacts } from '../../../core/connections/revocation.ts';
import { leewaySeconds, TokenRefused } from '../../../core/identity/token.ts';
import type { Claims } from './claims.ts';
import { readClaims } from './claims.ts';
import type { TokenSettings } from './environment.ts';
import { fetcherFor } from './key-fetcher.ts';
import { KeySetCache } from './key-set.ts';
import { refuse } from './verification-failure.ts';

/** A verified token, or a ticket of one: who it speaks for, and until when. Times in epoch milliseconds. */
export interface VerifiedToken extends TokenFacts {
  readonly principal: Principal;
  /** From when on it is refused. */
  readonly expiresAt: number;
  /** From when on the token itself is refused: a ticket may be before, and a revocation has to be kept until then. */
  readonly tokenExpiresAt: number;
}

export interface TokenVerifier {
  /**
   * Verifies a JWT: signature, algorithm, issuer, audience, times; then reads the principal from its claims.
   * @throws {TokenRefused} when the token is bad; {IssuerUnavailable} when nobody can tell.
   */
  verify(token: string): Promise<VerifiedToken>;
}

/**
 * A verifier for one issuer: a Cognito user pool (its id tokens), or any OIDC issuer with a JWKS.
 * @param fetcher gets the issuer's keys.
 * @param now epoch milliseconds.
 */
export function createTokenVerifier(
  settings: TokenSettings,
  fetcher: Fetcher = fetcherFor(settings.jwksUri),
  now: () => number = Date.now,
): TokenVerifier {
  const { issuer, audience, jwksUri } = settings;
  const jwksCache = new KeySetCache(fetcher, now);
  const userPoolId = /^https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/([\w-]+)$/.exec(
    issuer,
  )?.[1];
  const checks = { graceSeconds: leewaySeconds, customJwtCheck: refuseExtensions };
  const verifier =
    userPoolId === undefined
      ? JwtVerifier.create({ issuer, audience, jwksUri, ...checks }, { jwksCache })
      : // Only id tokens carry the custom claims.
        CognitoJwtVerifier.create(
          { userPoolId, clientId: audience, tokenUse: 'id', ...checks },
          { jwksCache },
        );
  const verify = async (token: string): Promise<Claims> => {
    const since = jwksCache.questions;
    try {
      return (await verifier.verify(token)) as Claims;
    } catch (error) {
      // Without a key's name nothing but the signature tells that the key is another: it may be newer than those known.
      if (!(error instanceof JwtInvalidSignatureError) || namesKey(token)) throw error;
      await jwksCache.refresh(jwksUri, since);
      return (await verifier.verify(token)) as Claims;
    }
  };
  return {
    verify: async (token) => {
      const rights = readClaims(await verify(token).catch(refuse), settings, now());
      return { ...rights, tokenExpiresAt: rights.expiresAt, fingerprint: tokenFingerprint(token) };
    },
  };
}

function namesKey(token: string): boolean {
  return decomposeUnverifiedJwt(token).header.kid !== undefined;
}

/** No extension that a token may call critical is understood here. Source: RFC 7515, 4.1.11. */
function refuseExtensions({ header }: { readonly header: object }): void {
  if ('crit' in header) throw new TokenRefused('token_invalid');
}

/**
 * Names a token without giving it away. Of what the issuer has signed and not of the signature: that can be written in
 * more than one way without getting invalid.
 */
function tokenFingerprint(token: string): string {
  return createHash('sha256')
    .update(token.slice(0, token.lastIndexOf('.')))
    .digest('base64url');
}
