import type { Subscription } from '../connection/transport.ts';
import type { Endpoints } from '../http/endpoints.ts';
import { claimsOf } from '../shared/claims.ts';
import { hex } from '../shared/hex.ts';

/**
 * Claims that are others in each token of the same user: those of RFC 7519 and OpenID Connect Core, and `origin_jti` of
 * Cognito. None of them says who the user is or what he may. `sid` stays: it is a session's, which tabs have in common, and
 * a name that somebody's own claims may have.
 */
const passing = new Set([
  'exp',
  'iat',
  'nbf',
  'jti',
  'auth_time',
  'nonce',
  'at_hash',
  'c_hash',
  'origin_jti',
]);

/** Cognito's sign-in; with another issuer a claim of this name may be what rights depend on. */
const cognito = 'https://cognito-idp.';

/**
 * What tabs must have in common to share a stream: the same deployment, subscription, user and rights. So it is made of all
 * claims of the token but those that change from one token to the next: which of them name the workspace and the rights is a
 * setting of the deployment.
 * @param ignored other claims that change from token to token of an issuer, and grant nothing.
 * @returns undefined where nothing can be shared: the token is no JWT, the page cannot hash, or the stream tells the past,
 *   which a tab that joins would not hear.
 */
export async function sharingKey(
  token: string,
  endpoints: Endpoints,
  subscription: Subscription,
  ignored: readonly string[] = [],
): Promise<string | undefined> {
  const claims = claimsOf(token);
  if (!claims || !globalThis.crypto?.subtle || subscription.since !== undefined) return undefined;
  const isOfCognito = String(claims['iss']).startsWith(cognito);
  const lasting = Object.entries(claims).filter(
    ([name]) => !passing.has(name) && !ignored.includes(name) && !(isOfCognito && name === 'event_id'),
  );
  const text = JSON.stringify([Object.fromEntries(lasting), endpoints, subscription], sorted);
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return hex(new Uint8Array(hash));
}

/** Objects with their fields in one order. */
function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
