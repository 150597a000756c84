import {
  FetchError,
  JwksNotAvailableInCacheError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  JwtExpiredError,
  JwtParseError,
} from 'aws-jwt-verify/error';
import { TokenRefused } from '../../../core/identity/token.ts';
import { IssuerUnavailable } from './key-set.ts';

/** Errors that say something about the issuer or the network, and nothing about the token. */
const issuerErrors = [
  FetchError,
  JwksNotAvailableInCacheError,
  JwksValidationError,
  JwkValidationError,
] as const;

/** When it may be worth to ask an issuer again that has failed, whole seconds. */
const issuerRetrySeconds = 5;

/**
 * Tells what an error of the library says of a token.
 * @throws {TokenRefused} when the token is bad; {IssuerUnavailable} when nobody can tell; any other error as it is.
 */
export function refuse(error: unknown): never {
  if (issuerErrors.some((kind) => error instanceof kind)) {
    throw new IssuerUnavailable('the keys of the token issuer cannot be had', issuerRetrySeconds, error);
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
