import * as oauth from 'oauth4webapi';
import { clockSkewSeconds } from './clock-skew.ts';
import type { PageClient } from '../../protocol/page-settings.ts';
import { RequestRefused, ServerUnreachable } from '../http/request.ts';
import { signInRefused } from './refused.ts';

/** What a sign-in or its renewal gives. */
export interface SignedIn {
  /** The JWT that the API and the stream take. */
  readonly idToken: string;
  /** When the ID token expires, in epoch milliseconds by this machine's clock, however wrong that is. */
  readonly expiresAt: number;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Absent when the issuer gives none: then the sign-in ends with the ID token. */
  readonly refreshToken?: string | undefined;
}

/** A request for authorization that is under way, between leaving the page and coming back. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** How long the issuer may take to answer, milliseconds. */
const answerMs = 30_000;

/** Every algorithm with a public key. The signature is for the functions to verify; the page got the token over TLS. */
const signingAlgorithms = [
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
];

/** An OpenID Connect client in a browser: no secret, the authorization code flow with PKCE. */
export class OidcClient {
  readonly #settings: PageClient;
  readonly #redirectUri: string;
  readonly #server: oauth.AuthorizationServer;
  readonly #client: oauth.Client;

  /** @param pageUrl address of the page itself, without a query. */
  constructor(settings: PageClient, pageUrl: string) {
    this.#settings = settings;
    this.#redirectUri = settings.redirectUri ?? pageUrl;
    const { issuer, clientId, tokenEndpoint, revocationEndpoint } = settings;
    this.#server = {
      issuer,
      token_endpoint: tokenEndpoint,
      ...(revocationEndpoint !== undefined && { revocation_endpoint: revocationEndpoint }),
      id_token_signing_alg_values_supported: signingAlgorithms,
    };
    this.#client = { client_id: clientId };
  }

  /** Gives the address of the issuer's login page, and what has to be kept until the user comes back from it. */
  async begin(): Promise<{ readonly address: string; readonly pending: PendingSignIn }> {
    const pending = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      codeVerifier: oauth.generateRandomCodeVerifier(),
    };
    const address = new URL(this.#settings.authorizationEndpoint);
    const parameters = {
      response_type: 'code',
      client_id: this.#settings.clientId,
      redirect_uri: this.#redirectUri,
      scope: this.#settings.scope,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    return { address: address.href, pending };
  }

  /**
   * Trades the code with which the user came back for tokens.
   * @param answer query of the address to which the issuer sent the user.
   * @throws {RequestRefused} when this is no answer to `pending`, or the issuer refuses; {ServerUnreachable}.
   */
  finish(answer: URLSearchParams, pending: PendingSignIn): Promise<SignedIn> {
    return this.#ask(async () => {
      const code = oauth.validateAuthResponse(this.#server, this.#client, answer, pending.state);
      const response = await oauth.authorizationCodeGrantRequest(
        this.#server,
        this.#client,
        oauth.None(),
        code,
        this.#redirectUri,
        pending.codeVerifier,
        this.#requestOptions(),
      );
      const received = await this.#receive(response);
      const tokens = await oauth.processAuthorizationCodeResponse(this.#server, received.client, response, {
        expectedNonce: pending.nonce,
        requireIdToken: true,
      });
      return signedIn(tokens, received.at, undefined);
    });
  }

  /**
   * Gets new tokens for a refresh token.
   * @throws {RequestRefused} when the issuer gives none any more; {ServerUnreachable} when another attempt may help.
   */
  renew(refreshToken: string): Promise<SignedIn> {
    return this.#ask(async () => {
      const response = await oauth.refreshTokenGrantRequest(
        this.#server,
        this.#client,
        oauth.None(),
        refreshToken,
        this.#requestOptions(),
      );
      const received = await this.#receive(response);
      const tokens = await oauth.processRefreshTokenResponse(this.#server, received.client, response);
      return signedIn(tokens, received.at, refreshToken);
    });
  }

  /** Takes a refresh token back, where the issuer offers that. Its failure is not told: the page has forgotten it. */
  async revoke(refreshToken: string): Promise<void> {
    if (this.#settings.revocationEndpoint === undefined) return;
    await oauth
      .revocationRequest(this.#server, this.#client, oauth.None(), refreshToken, {
        ...this.#requestOptions(),
        signal: AbortSignal.timeout(3000),
      })
      .catch(() => undefined);
  }

  /** Gives the address that ends the issuer's own session, or the page's where the issuer has none. */
  signOutAddress(): string {
    const { endSession, clientId } = this.#settings;
    if (endSession === undefined) return this.#redirectUri;
    const address = new URL(endSession.endpoint);
    address.searchParams.set('client_id', clientId);
    address.searchParams.set(endSession.returnParameter, this.#redirectUri);
    return address.href;
  }

  /**
   * When an answer with tokens came, epoch milliseconds, and the client that knows how wrong this machine's clock was
   * then.
   */
  async #receive(response: Response): Promise<{ readonly at: number; readonly client: oauth.Client }> {
    const at = Date.now();
    const body = (await response
      .clone()
      .json()
      .catch(() => null)) as { readonly id_token?: unknown } | null;
    const skew = clockSkewSeconds(body?.id_token, at);
    return { at, client: { ...this.#client, [oauth.clockSkew]: skew } };
  }

  /** Plain HTTP is for the issuer of the local stack, on this machine. */
  #requestOptions(): { readonly [oauth.allowInsecureRequests]: boolean; readonly signal: AbortSignal } {
    const { hostname } = new URL(this.#settings.tokenEndpoint);
    return {
      [oauth.allowInsecureRequests]: ['localhost', '127.0.0.1'].includes(hostname),
      signal: AbortSignal.timeout(answerMs),
    };
  }

  async #ask(request: () => Promise<SignedIn>): Promise<SignedIn> {
    try {
      return await request();
    } catch (error) {
      throw explained(error as Error);
    }
  }
}

/** @param receivedAt epoch milliseconds by this machine's clock. */
function signedIn(
  tokens: oauth.TokenEndpointResponse,
  receivedAt: number,
  before: string | undefined,
): SignedIn {
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  // OpenID Connect lets an issuer leave it out of a renewal.
  if (claims === undefined || tokens.id_token === undefined)
    throw signInRefused(401, 'The issuer gives no new ID token.');
  return {
    idToken: tokens.id_token,
    expiresAt: receivedAt + (claims.exp - claims.iat) * 1000,
    claims,
    refreshToken: tokens.refresh_token ?? before,
  };
}

function explained(error: Error): Error {
  if (error instanceof RequestRefused) return error;
  if (error instanceof oauth.ResponseBodyError)
    return signInRefused(error.status, `The issuer refuses: ${error.error_description ?? error.error}`);
  if (error instanceof oauth.AuthorizationResponseError)
    return signInRefused(400, `The issuer refuses: ${error.error_description ?? error.error}`);
  if (error instanceof oauth.OperationProcessingError) {
    const { cause } = error;
    if (cause instanceof Response && (cause.status === 429 || cause.status >= 500))
      return signInRefused(cause.status, 'The issuer cannot answer now.');
    return signInRefused(400, `The sign-in does not fit: ${error.message}`);
  }
  return new ServerUnreachable('The issuer does not answer.');
}
