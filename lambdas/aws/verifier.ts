import { createHash } from 'node:crypto';
import { CognitoJwtVerifier, JwtVerifier } from 'aws-jwt-verify';
import {
  FetchError,
  JwksNotAvailableInCacheError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  JwtExpiredError,
  JwtParseError,
} from 'aws-jwt-verify/error';
import type { Fetcher } from 'aws-jwt-verify/https';
import { SimpleFetcher } from 'aws-jwt-verify/https';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { Principal } from '../../core/principal.ts';
import { isUserId, isWorkspaceName } from '../../core/principal.ts';
import type { TokenFacts } from '../../core/revocation.ts';
import type { TokenFault } from '../../core/token.ts';
import type { TokenSettings } from './environment.ts';

/** A verified token: who it speaks for, and until when (epoch milliseconds). */
export interface VerifiedToken extends TokenFacts {
  readonly principal: Principal;
  readonly expiresAt: number;
}

/** A token that is refused for good. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly fault: TokenFault;
  constructor(fault: TokenFault) {
    super(fault);
    this.fault = fault;
  }
}

/** The issuer's keys cannot be had right now: says nothing about the token. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

export interface TokenVerifier {
  /**
   * Verifies a JWT: signature, algorithm, issuer, audience, times; then reads the principal from its claims.
   * @throws {TokenRefused} when the token is bad; {IssuerUnavailable} when nobody can tell.
   */
  verify(token: string): Promise<VerifiedToken>;
}

/** The workspace of a token that names none: the single board of the contract. */
const DEFAULT_WORKSPACE = 'default';

/**
 * Errors that say something about the issuer or the network, and nothing about the token. An unknown key is not one of
 * them, nor is WaitPeriodNotYetEndedJwkError: the library waits only after it has just fetched the keys without finding
 * one, so they are seconds old and the token's key is not among them.
 */
const ISSUER_ERRORS = [
  FetchError,
  JwksNotAvailableInCacheError,
  JwksValidationError,
  JwkValidationError,
] as const;

/**
 * A verifier for one issuer: a Cognito user pool (its id tokens), or any OIDC issuer with a JWKS.
 * @param fetcher gets the issuer's keys.
 */
export function createTokenVerifier(
  settings: TokenSettings,
  fetcher: Fetcher = fetcherFor(settings.jwksUri),
): TokenVerifier {
  const { issuer, audience, jwksUri } = settings;
  const jwksCache = new KeySetCache({ fetcher });
  const userPoolId = /^https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/([\w-]+)$/.exec(
    issuer,
  )?.[1];
  const verifier =
    userPoolId === undefined
      ? JwtVerifier.create({ issuer, audience, jwksUri }, { jwksCache })
      : // Only id tokens carry the custom claims: with an access token everyone would land in the default workspace.
        CognitoJwtVerifier.create({ userPoolId, clientId: audience, tokenUse: 'id' }, { jwksCache });
  const verify = (token: string): Promise<Claims> => verifier.verify(token) as Promise<Claims>;
  return {
    verify: async (token) => ({
      ...readClaims(await verify(token).catch(refuse), settings),
      fingerprint: tokenFingerprint(token),
    }),
  };
}

/** How long the issuer is left alone after it has failed to give its keys, milliseconds. */
const ISSUER_REST_MS = 1000;

/**
 * The issuer's keys. The library asks for them at each token of an unknown key while the issuer fails, which lets
 * anybody with forged tokens weigh upon an issuer that is in trouble: here the last failure counts for a while.
 */
class KeySetCache extends SimpleJwksCache {
  #failure: { readonly error: unknown; readonly until: number } | undefined;

  override async getJwks(jwksUri: string): ReturnType<SimpleJwksCache['getJwks']> {
    if (this.#failure !== undefined && Date.now() < this.#failure.until) throw this.#failure.error;
    try {
      return await super.getJwks(jwksUri);
    } catch (error) {
      this.#failure = { error, until: Date.now() + ISSUER_REST_MS };
      throw error;
    }
  }
}

type Claims = Readonly<Record<string, unknown>>;

function refuse(error: unknown): never {
  if (ISSUER_ERRORS.some((kind) => error instanceof kind)) {
    throw new IssuerUnavailable('the keys of the token issuer cannot be had', { cause: error });
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
  { workspaceClaim, adminClaim, adminValue }: TokenSettings,
): Omit<VerifiedToken, 'fingerprint'> {
  const {
    sub: user,
    exp,
    iat,
    [workspaceClaim]: workspace = DEFAULT_WORKSPACE,
    [adminClaim]: roles,
  } = claims;
  if (!isUserId(user) || !isWorkspaceName(workspace) || typeof exp !== 'number') {
    throw new TokenRefused('token_unusable');
  }
  const admin = Array.isArray(roles) ? roles.includes(adminValue) : textOf(roles) === adminValue;
  return {
    principal: { workspace, user, admin },
    expiresAt: exp * 1000,
    issuedAt: typeof iat === 'number' ? iat * 1000 : undefined,
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
