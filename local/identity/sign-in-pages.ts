import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendMessage } from '../gateway/function-response.ts';
import { splitUrl } from '../gateway/http-event.ts';
import { sendIssuerFault, sendIssuerPage, signInForm } from './issuer-page.ts';
import type { TokenOverrides, TokenRequest } from './token-request.ts';
import { readBody } from '../gateway/request-body.ts';

export interface SignInPagesOptions {
  /** The issuer's, without a trailing slash. */
  readonly url: string;
  /** The one client, which is the audience of its ID tokens. */
  readonly audience: string;
  readonly algorithm: string;
  /** Host and port under which this machine's pages are opened. */
  readonly hosts: ReadonlySet<string>;
  readonly sign: (request: TokenRequest, overrides?: TokenOverrides) => Promise<string>;
}

/** What a code was given for. */
interface Grant {
  readonly user: TokenRequest;
  readonly nonce: string | undefined;
}

interface CodeGrant extends Grant {
  readonly redirectUri: string;
  readonly challenge: string;
  /** Epoch milliseconds. */
  readonly expires: number;
}

const bodyLimit = 16 * 1024;
const codeLifetimeMs = 60_000;
const noStore = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };

/**
 * The standard way to a token of the development issuer: OpenID Connect's authorization code flow for a public client,
 * with PKCE (RFC 7636), refresh tokens that are replaced at each use, revocation (RFC 7009) and sign-out. Whoever signs
 * in says who they are; nobody is asked for a password.
 */
export class SignInPages {
  readonly #options: SignInPagesOptions;
  readonly #codes = new Map<string, CodeGrant>();
  readonly #refreshTokens = new Map<string, Grant>();

  constructor(options: SignInPagesOptions) {
    this.#options = options;
  }

  /** Answers the paths of `/issuer/` that have to do with signing in, and 404 for any other. */
  async serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const route = `${request.method} ${path.slice('/issuer'.length)}`;
    if (!this.#options.hosts.has(request.headers.host ?? ''))
      return sendMessage(response, 403, 'The dev issuer answers pages and tools of this machine only');
    switch (route) {
      case 'GET /.well-known/openid-configuration':
        return answerJson(response, 200, this.#discovery());
      case 'GET /authorize':
        return this.#ask(request, response);
      case 'POST /authorize':
        return this.#signIn(request, await formOf(request), response);
      case 'POST /oauth2/token':
        this.#admitPages(request, response);
        return this.#answerToken(await formOf(request), response);
      case 'POST /oauth2/revoke':
        this.#admitPages(request, response);
        this.#refreshTokens.delete((await formOf(request)).get('token') ?? '');
        return void response.writeHead(200, noStore).end();
      case 'GET /sign-out':
        return this.#signOut(request, response);
      default:
        return sendMessage(response, 404, 'Not Found');
    }
  }

  #discovery(): object {
    const { url, algorithm } = this.#options;
    return {
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/oauth2/token`,
      revocation_endpoint: `${url}/oauth2/revoke`,
      end_session_endpoint: `${url}/sign-out`,
      jwks_uri: `${url}/.well-known/jwks.json`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [algorithm],
      token_endpoint_auth_methods_supported: ['none'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    };
  }

  /** Shows the form, or, where it is not safe to send anybody back, what is wrong. */
  #ask(request: IncomingMessage, response: ServerResponse): void {
    const fault = this.#faultOf(queryOf(request));
    if (fault !== undefined) return sendIssuerFault(request, response, fault);
    sendIssuerPage(response, 200, 'Sign in', signInForm);
  }

  /** What of an authorization request is wrong; undefined when nothing is. */
  #faultOf(query: URLSearchParams): string | undefined {
    const redirectUri = query.get('redirect_uri') ?? '';
    if (query.get('client_id') !== this.#options.audience)
      return `client_id is not ${this.#options.audience}`;
    if (!this.#isOurs(redirectUri)) return 'redirect_uri is no address of this stack';
    if (query.get('response_type') !== 'code') return 'response_type is not code';
    if (!(query.get('scope') ?? '').split(' ').includes('openid')) return 'scope has no openid';
    if (query.get('code_challenge_method') !== 'S256' || !query.get('code_challenge'))
      return 'code_challenge with the method S256 is missing';
    return undefined;
  }

  #signIn(request: IncomingMessage, form: URLSearchParams, response: ServerResponse): void {
    const query = queryOf(request);
    const fault = this.#faultOf(query);
    if (fault !== undefined) return sendIssuerFault(request, response, fault);
    const seconds = Number(form.get('seconds') || '3600');
    const sub = form.get('user') ?? '';
    if (sub === '' || !Number.isSafeInteger(seconds))
      return sendIssuerFault(request, response, 'user is missing');
    const redirectUri = query.get('redirect_uri') ?? '';
    const code = randomUUID();
    this.#codes.set(code, {
      user: {
        sub,
        workspace: form.get('workspace') || undefined,
        admin: form.get('admin') === 'on',
        expiresIn: seconds,
      },
      nonce: query.get('nonce') ?? undefined,
      redirectUri,
      challenge: query.get('code_challenge') ?? '',
      expires: Date.now() + codeLifetimeMs,
    });
    const answer = new URL(redirectUri);
    answer.searchParams.set('code', code);
    answer.searchParams.set('iss', this.#options.url);
    const state = query.get('state');
    if (state !== null) answer.searchParams.set('state', state);
    response.writeHead(303, { ...noStore, location: answer.href }).end();
  }

  async #answerToken(form: URLSearchParams, response: ServerResponse): Promise<void> {
    if (form.get('client_id') !== this.#options.audience)
      return answerJson(response, 401, { error: 'invalid_client' });
    const grantType = form.get('grant_type');
    if (grantType !== 'authorization_code' && grantType !== 'refresh_token')
      return answerJson(response, 400, { error: 'unsupported_grant_type' });
    const grant = grantType === 'refresh_token' ? this.#takeRefreshToken(form) : this.#takeCode(form);
    if (grant === undefined) return answerJson(response, 400, { error: 'invalid_grant' });
    const refreshToken = randomUUID();
    this.#refreshTokens.set(refreshToken, grant);
    const { user, nonce } = grant;
    answerJson(response, 200, {
      token_type: 'Bearer',
      access_token: randomUUID(),
      expires_in: user.expiresIn,
      id_token: await this.#options.sign(user, {
        claims: { name: user.sub, ...(nonce !== undefined && { nonce }) },
      }),
      refresh_token: refreshToken,
    });
  }

  #takeCode(form: URLSearchParams): Grant | undefined {
    const code = form.get('code') ?? '';
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isGood =
      grant !== undefined &&
      grant.expires > Date.now() &&
      grant.challenge === challenge &&
      grant.redirectUri === form.get('redirect_uri');
    return isGood ? grant : undefined;
  }

  #takeRefreshToken(form: URLSearchParams): Grant | undefined {
    const token = form.get('refresh_token') ?? '';
    const grant = this.#refreshTokens.get(token);
    this.#refreshTokens.delete(token);
    return grant;
  }

  #signOut(request: IncomingMessage, response: ServerResponse): void {
    const query = queryOf(request);
    const target = query.get('post_logout_redirect_uri') ?? '';
    if (query.get('client_id') !== this.#options.audience || !this.#isOurs(target))
      return sendIssuerFault(request, response, 'client_id or post_logout_redirect_uri is not of this stack');
    response.writeHead(303, { ...noStore, location: target }).end();
  }

  /** Lets a page of this machine read the answer, also when it was opened by the machine's other name. */
  #admitPages({ headers: { origin } }: IncomingMessage, response: ServerResponse): void {
    response.setHeader('vary', 'origin');
    if (origin !== undefined && this.#isOurs(origin))
      response.setHeader('access-control-allow-origin', origin);
  }

  #isOurs(address: string): boolean {
    if (!URL.canParse(address)) return false;
    const { protocol, host } = new URL(address);
    return protocol === 'http:' && this.#options.hosts.has(host);
  }
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams(splitUrl(request.url ?? '/').query);
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams((await readBody(request, bodyLimit)).toString('utf8'));
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...noStore, 'content-type': 'application/json' }).end(JSON.stringify(body));
}
