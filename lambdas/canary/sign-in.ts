import * as oauth from 'oauth4webapi';
import { PasswordSignIn } from '../shared/user-pool/password-sign-in.ts';
import type { Credential, OAuthCredential } from './credential.ts';

/** A token endpoint gave no token. The message holds no part of a credential or a token. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
}

const userPools = new PasswordSignIn();

/**
 * Gets a token.
 * @throws {SignInRefused}; what `fetch` throws when nothing answers; what `PasswordSignIn` throws.
 */
export function signIn(credential: Credential, signal: AbortSignal): Promise<string> {
  return credential.kind === 'cognito'
    ? userPools.idToken(credential, signal)
    : askTokenEndpoint(credential, signal);
}

/** By a token request of RFC 6749. Its answer is read here: the library's errors carry what they have found in it. */
async function askTokenEndpoint(credential: OAuthCredential, signal: AbortSignal): Promise<string> {
  const { tokenEndpoint, clientId, grantType, parameters = {}, token = 'access_token' } = credential;
  const response = await oauth.genericTokenEndpointRequest(
    { issuer: new URL(tokenEndpoint).origin, token_endpoint: tokenEndpoint },
    { client_id: clientId },
    authenticationOf(credential),
    grantType,
    parameters,
    { signal, [oauth.allowInsecureRequests]: isLoopback(tokenEndpoint) },
  );
  const answer: unknown = await response.json().catch(() => undefined);
  const { [token]: found, error } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  if (response.ok && typeof found === 'string') return found;
  const reason = response.ok ? `without ${token}` : errorName(error);
  throw new SignInRefused(`the token endpoint answers ${response.status} ${reason}`);
}

function authenticationOf({ clientSecret, clientAuthentication }: OAuthCredential): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None();
  return clientAuthentication === 'post'
    ? oauth.ClientSecretPost(clientSecret)
    : oauth.ClientSecretBasic(clientSecret);
}

/** A development issuer on this very machine has no certificate. */
function isLoopback(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}

/** The code of an error, if it is one: what else stands there is not for a log. */
function errorName(value: unknown): string {
  return typeof value === 'string' && /^\w{1,64}$/.test(value) ? value : 'without a reason';
}
