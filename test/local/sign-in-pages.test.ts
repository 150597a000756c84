import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';
import { createIssuer } from '../../local/identity/issuer.ts';
import type { Issuer } from '../../local/identity/issuer.ts';

const client: oauth.Client = { client_id: 'taskwire-local' };
const verifier = oauth.generateRandomCodeVerifier();
const insecure = { [oauth.allowInsecureRequests]: true };

let server: Server;
let origin: string;
let metadata: oauth.AuthorizationServer;

beforeAll(async () => {
  let issuer: Issuer | undefined;
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    issuer?.serve(request, response, pathname).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  const { port } = server.address() as AddressInfo;
  origin = `http://localhost:${port}`;
  issuer = await createIssuer(port);
  const url = new URL(issuer.url);
  metadata = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure));
});
afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

function authorization(changes: Readonly<Record<string, string>> = {}): Promise<string> {
  return oauth.calculatePKCECodeChallenge(verifier).then((challenge) => {
    const address = new URL(metadata.authorization_endpoint ?? '');
    const parameters = {
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: `${origin}/`,
      scope: 'openid profile',
      state: 'a state',
      nonce: 'a nonce',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...changes,
    };
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    return address.href;
  });
}

/** Fills in the form; gives the address to which the issuer sends the user. */
async function signIn(): Promise<URL> {
  const response = await fetch(await authorization(), {
    method: 'POST',
    body: new URLSearchParams({ user: 'alice', workspace: 'w', admin: 'on' }),
    redirect: 'manual',
  });
  expect(response.status).toBe(303);
  return new URL(response.headers.get('location') ?? '');
}

async function trade(answer: URL, codeVerifier = verifier): Promise<Response> {
  const parameters = oauth.validateAuthResponse(metadata, client, answer, 'a state');
  const redirectUri = `${origin}/`;
  return oauth.authorizationCodeGrantRequest(
    metadata,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    codeVerifier,
    insecure,
  );
}

describe("the development issuer's way to sign in", () => {
  it('is the standard one, by the word of a client library', async () => {
    const response = await trade(await signIn());
    const tokens = await oauth.processAuthorizationCodeResponse(metadata, client, response, {
      expectedNonce: 'a nonce',
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(metadata, response, insecure);

    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({
      sub: 'alice',
      workspace: 'w',
      groups: ['admin'],
      aud: 'taskwire-local',
    });
  });

  it('takes a code once', async () => {
    const answer = await signIn();

    expect((await trade(answer)).status).toBe(200);
    const second = await trade(answer);
    await expect(second.json()).resolves.toEqual({ error: 'invalid_grant' });
  });

  it('takes no code without the verifier that began it', async () => {
    const response = await trade(await signIn(), oauth.generateRandomCodeVerifier());

    await expect(response.json()).resolves.toEqual({ error: 'invalid_grant' });
  });

  it('replaces a refresh token at each use, and takes it back', async () => {
    const { refresh_token: first = '' } = (await (await trade(await signIn())).json()) as {
      refresh_token?: string;
    };
    const renew = async (token: string): Promise<oauth.TokenEndpointResponse> =>
      oauth.processRefreshTokenResponse(
        metadata,
        client,
        await oauth.refreshTokenGrantRequest(metadata, client, oauth.None(), token, insecure),
      );

    const { refresh_token: second = '' } = await renew(first);
    await expect(renew(first)).rejects.toMatchObject({ error: 'invalid_grant' });
    await oauth.revocationRequest(metadata, client, oauth.None(), second, insecure);
    await expect(renew(second)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it.each([
    [{ redirect_uri: 'https://evil.example/' }, 'redirect_uri is no address of this stack'],
    [{ redirect_uri: 'http://localhost.evil.example/' }, 'redirect_uri is no address of this stack'],
    [{ client_id: 'other' }, 'client_id is not taskwire-local'],
    [{ response_type: 'token' }, 'response_type is not code'],
    [{ code_challenge_method: 'plain' }, 'code_challenge with the method S256 is missing'],
    [{ scope: 'profile' }, 'scope has no openid'],
  ])('refuses %j, for the form and for who sends it', async (changes, message) => {
    const address = await authorization(changes);
    for (const method of ['GET', 'POST']) {
      const response = await fetch(address, { method, redirect: 'manual' });
      expect(response.status).toBe(400);
      await expect(response.json()).resolves.toEqual({ message });
    }
  });

  it('lets only pages of this machine read a token', async () => {
    const cors = async (from: string): Promise<string | null> => {
      const headers = { origin: from };
      const response = await fetch(metadata.token_endpoint ?? '', { method: 'POST', headers });
      return response.headers.get('access-control-allow-origin');
    };

    await expect(cors(origin)).resolves.toBe(origin);
    await expect(cors('https://evil.example')).resolves.toBeNull();
  });

  it('sends nobody elsewhere after a sign-out', async () => {
    const leave = (target: string): Promise<Response> =>
      fetch(
        `${metadata.end_session_endpoint}?${new URLSearchParams({
          client_id: client.client_id,
          post_logout_redirect_uri: target,
        }).toString()}`,
        { redirect: 'manual' },
      );

    expect((await leave(`${origin}/`)).headers.get('location')).toBe(`${origin}/`);
    expect((await leave('https://evil.example/')).status).toBe(400);
  });
});
