import { createHash } from 'node:crypto';
import { CognitoJwtVerifier, JwtVerifier } from 'aws-jwt-verify';
import {
  FetchError,
  JwksNotAvailableInCacheError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  JwtExpiredError,
  JwtInvalidSignatureError,
  JwtParseError,
} from 'aws-jwt-verify/error';
import type { Fetcher } from 'aws-jwt-verify/https';
import { SimpleFetcher } from 'aws-jwt-verify/https';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import { readClaim } from '../../../core/identity/claim.ts';
import type { Principal } from '../../../core/subscription/principal.ts';
import { isUserId, isWorkspaceName } from '../../../core/subscription/principal.ts';
import type { TokenFacts } from '../../../core/connections/revocation.ts';
import { faultOfTimes, LEEWAY_SECONDS, TokenRefused } from '../../../core/identity/token.ts';
import type { TokenSettings } from './environment.ts';
import { IssuerUnavailable, KeySetCache } from './key-set.ts';

/** A verified token: who it speaks for, and from when on it is refused (epoch milliseconds). */
export interface VerifiedToken extends TokenFacts {
  readonly principal: Principal;
  readonly expiresAt: number;
}

export interface TokenVerifier {
  /**
   * Verifies a JWT: signature, algorithm, issuer, audience, times; then reads the principal from its claims.
   * @throws {TokenRefused} when the token is bad; {IssuerUnavailable} when nobody can tell.
   */
  verify(token: string): Promise<VerifiedToken>;
}

/** Errors that say something about the issuer or the network, and nothing about the token. */
const ISSUER_ERRORS = [
  FetchError,
  JwksNotAvailableInCacheError,
  JwksValidationError,
  JwkValidationError,
] as const;

/** When it may be worth to ask an issuer again that has failed, whole seconds. */
const ISSUER_RETRY_SECONDS = 5;

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
  const checks = { graceSeconds: LEEWAY_SECONDS, customJwtCheck: refuseExtensions };
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
    verify: async (token) => ({
      ...readClaims(await verify(token).catch(refuse), settings, now()),
      fingerprint: tokenFingerprint(token),
    }),
  };
}

function namesKey(token: string): boolean {
  return decomposeUnverifiedJwt(token).header.kid !== undefined;
}

/** No extension that a token may call critical is understood here. Source: RFC 7515, 4.1.11. */
function refuseExtensions({ header }: { readonly header: object }): void {
  if ('crit' in header) throw new TokenRefused('token_invalid');
}

type Claims = Readonly<Record<string, unknown>>;

function refuse(error: unknown): never {
  if (ISSUER_ERRORS.some((kind) => error instanceof kind)) {
    throw new IssuerUnavailable('the keys of the token issuer cannot be had', ISSUER_RETRY_SECONDS, error);
  }
  if (error instanceof JwtExpiredError) throw new TokenRefused('token_expired');
  if (error instanceof JwtParseError) throw new TokenRefused('token_malformed');
  if (error instanceof JwtBaseError || isFaultOfToken(error)) throw new TokenRefused('token_invalid');
  throw error;
}

/**
 * Whether the library let something out that the token alone can cause: Node's own error for an ECDSA signature of a
 * wrong length, or the one for a time that no date can hold, which the library puts into its message.
 */
function isFaultOfToken(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ERR_CRYPTO_OPERATION_FAILED' || error instanceof RangeError;
}

function readClaims(
  claims: Claims,
  { workspaceClaim, adminClaim, adminValue, defaultWorkspace, tokenLifeSeconds }: TokenSettings,
  now: number,
): Omit<VerifiedToken, 'fingerprint'> {
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
    expiresAt: ((exp as number) + LEEWAY_SECONDS) * 1000,
    issuedAt: (iat as number) * 1000,
  };
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

/** A claim as text. An object has none: with a `toString` of its own it could not even be made one. */
function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' || typeof claim === 'number' || typeof claim === 'boolean'
    ? String(claim)
    : undefined;
}

/** aws-jwt-verify fetches https only; a development issuer on this very machine has no certificate. */
function fetcherFor(jwksUri: string): Fetcher {
  const { protocol, hostname } = new URL(jwksUri);
  const isLoopback = protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return isLoopback ? { fetch: fetchFromLoopback } : new SimpleFetcher();
}

async function fetchFromLoopback(uri: string): Promise<ArrayBuffer> {
  const failed = (cause: unknown): never => {
    throw new FetchError(uri, cause);
  };
  const response = await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(10_000) }).catch(failed);
  return response.ok ? response.arrayBuffer() : failed(`status ${response.status}`);
}
