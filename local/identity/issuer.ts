import type { IncomingMessage, ServerResponse } from 'node:http';
import { SignJWT } from 'jose';
import { sendMessage } from '../gateway/function-response.ts';
import { ownPages } from '../gateway/own-pages.ts';
import { IssuerKeys, signingAlgorithm } from './issuer-keys.ts';
import { readBody } from '../gateway/request-body.ts';
import { SignInPages } from './sign-in-pages.ts';
import type { TokenOverrides, TokenRequest } from './token-request.ts';

/** The audience that the local stage's functions accept. */
export const localAudience = 'taskwire-local';

/** The local stack's token issuer. */
export interface Issuer {
  /** Value of the claim `iss`. */
  readonly url: string;
  readonly sign: (request: TokenRequest, overrides?: TokenOverrides) => Promise<string>;
  /** Makes the issuer's keys unreachable, or reachable again: an outage as those see it who verify tokens. */
  readonly setReachable: (reachable: boolean) => void;
  /** Signs with another key from now on, and publishes the one before next to it. */
  readonly rollKeys: () => Promise<void>;
  /** Answers `/issuer/...`. */
  readonly serve: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;
}

const defaultExpiry = 3600;
const bodyLimit = 16 * 1024;

/**
 * Makes an issuer. Tokens are handed out to this machine only, and not to pages of other sites.
 * @param port of the front door, part of the issuer's URL.
 * @param keyFile keeps the private key between runs; without one it lives as long as the process.
 * @throws {CommandError} when the key cannot be read or kept.
 */
export async function createIssuer(port: number, keyFile?: string): Promise<Issuer> {
  const keys = await IssuerKeys.open(keyFile);
  let isReachable = true;
  const url = `http://localhost:${port}/issuer`;
  const { hosts, isOurs } = ownPages(port);

  const sign = (request: TokenRequest, overrides: TokenOverrides = {}): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      ...(request.workspace !== undefined && { workspace: request.workspace }),
      ...(request.admin === true && { groups: ['admin'] }),
      ...overrides.claims,
    })
      .setProtectedHeader({ alg: signingAlgorithm, kid: keys.current.id, typ: 'JWT' })
      .setIssuer(overrides.issuer ?? url)
      .setAudience(overrides.audience ?? localAudience)
      .setSubject(request.sub)
      .setIssuedAt(overrides.issuedAt ?? now)
      .setExpirationTime(now + (request.expiresIn ?? defaultExpiry))
      .sign(overrides.key ?? keys.current.privateKey);
  };

  const signInPages = new SignInPages({
    url,
    audience: localAudience,
    algorithm: signingAlgorithm,
    hosts,
    sign,
  });

  const serve = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    if (path === '/issuer/.well-known/jwks.json' && request.method === 'GET') {
      if (!isReachable) {
        request.socket.destroy();
        return;
      }
      response
        .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(JSON.stringify({ keys: keys.published }));
      return;
    }
    if (path !== '/issuer/token') return signInPages.serve(request, response, path);
    if (request.method !== 'POST') return sendMessage(response, 405, 'Use POST', { allow: 'POST' });
    if (!isOurs(request)) {
      return sendMessage(response, 403, 'The dev issuer answers pages and tools of this machine only');
    }
    let token: TokenRequest;
    try {
      token = readTokenRequest((await readBody(request, bodyLimit)).toString('utf8'));
    } catch (error) {
      return sendMessage(response, 400, (error as Error).message);
    }
    response
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify({ token: await sign(token) }));
  };
  return {
    url,
    sign,
    serve,
    setReachable: (reachable) => {
      isReachable = reachable;
    },
    rollKeys: () => keys.roll(),
  };
}

function readTokenRequest(body: string): TokenRequest {
  const expected =
    'send JSON {"sub": string, "workspace"?: string, "admin"?: boolean, "expiresIn"?: seconds}';
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Error(expected);
  }
  const { sub, workspace, admin, expiresIn } = (value ?? {}) as Record<string, unknown>;
  const isValid =
    typeof sub === 'string' &&
    sub !== '' &&
    (workspace === undefined || typeof workspace === 'string') &&
    (admin === undefined || typeof admin === 'boolean') &&
    (expiresIn === undefined || Number.isSafeInteger(expiresIn));
  if (!isValid) throw new Error(expected);
  return { sub, workspace, admin, expiresIn: expiresIn as number | undefined };
}
