import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { OAuthCredential } from '../../lambdas/canary/credential.ts';
import { readCredential } from '../../lambdas/canary/credential.ts';
import { isLeftOver, probeTask } from '../../lambdas/canary/probe-task.ts';
import { signIn } from '../../lambdas/canary/sign-in.ts';
import { tokenClaims } from '../../lambdas/canary/token-claims.ts';
import { TokenSource } from '../../lambdas/canary/token-source.ts';
import { readCreate } from '../../core/task/input.ts';
import { VirtualClock } from '../core/virtual-clock.ts';

const signal = new AbortController().signal;

/** A token as far as the canary reads one. */
function tokenOf(claims: unknown): string {
  return `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
}

describe('the task of the canary', () => {
  const now = Date.UTC(2026, 0, 1);
  const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();
  const left = { name: probeTask('run-1').name, created_by: 'canary', created_at: ago(600) };

  it('is one that the API takes, and that nobody else sees', () => {
    expect(readCreate(probeTask('run-1'))).toMatchObject({ input: { visibility: 'private' } });
    expect(probeTask('run-1').name).not.toBe(probeTask('run-2').name);
  });

  it.each([
    [true, 'written long ago by a run of its own', {}],
    [false, 'of a run that may still clean up', { created_at: ago(90) }],
    [false, 'of somebody else', { created_by: 'alice' }],
    [false, 'of nobody', { created_by: null }],
    [false, 'with another name', { name: 'Buy Taskwire canary seed' }],
    [false, 'of which nobody knows when it was written', { created_at: null }],
  ])('is left over (%s) when it is %s', (expected, _, change) => {
    expect(isLeftOver({ ...left, ...change }, 'canary', now)).toBe(expected);
  });
});

describe('the claims of a token', () => {
  it('are its user, and until when it is good', () => {
    expect(tokenClaims(tokenOf({ sub: 'canary', exp: 1_800_000_000 }))).toEqual({
      sub: 'canary',
      expiresAt: 1_800_000_000_000,
    });
  });

  it.each([
    ['an opaque token', 'an-opaque-token-of-the-issuer', 'the token is no JWT'],
    ['no JSON', `a.${Buffer.from('{"sub"').toString('base64url')}.c`, 'the token is no JWT'],
    ['no object', tokenOf('text'), 'the token is no JWT'],
    ['no expiry', tokenOf({ sub: 'canary' }), 'the token has no sub or no exp'],
    ['no user', tokenOf({ exp: 1 }), 'the token has no sub or no exp'],
  ])('are refused without a word of what was there: %s', (_, token, message) => {
    expect(() => tokenClaims(token)).toThrow(new Error(message));
  });
});

/** What a token endpoint was asked. */
interface Asked {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

describe('a token of an issuer', () => {
  let server: Server;
  const asked: Asked[] = [];
  let answer: { readonly status: number; readonly body: string };
  /** How many connections break before one is answered. */
  let broken = 0;
  const credential = (more: Partial<OAuthCredential> = {}): OAuthCredential => ({
    kind: 'oauth',
    tokenEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    clientId: 'canary',
    grantType: 'client_credentials',
    ...more,
  });
  const note = async (request: IncomingMessage): Promise<void> => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    asked.push({ authorization: request.headers.authorization, form });
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (broken > 0) {
        broken -= 1;
        request.socket.destroy();
      } else void note(request).then(() => response.writeHead(answer.status).end(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    asked.length = 0;
    broken = 0;
    answer = { status: 200, body: '{"access_token":"the-access-token","id_token":"the-id-token"}' };
  });

  const grant = { grant_type: 'client_credentials' };
  const basic = `Basic ${Buffer.from('canary:a%2Fb').toString('base64')}`;
  it.each([
    ['a public client', {}, { authorization: undefined, form: { ...grant, client_id: 'canary' } }],
    ['a client with a secret', { clientSecret: 'a/b' }, { authorization: basic, form: grant }],
    [
      'a client that sends its secret in the body',
      { clientSecret: 'a/b', clientAuthentication: 'post' } as const,
      { authorization: undefined, form: { ...grant, client_id: 'canary', client_secret: 'a/b' } },
    ],
    [
      'another grant, with what it needs',
      { grantType: 'refresh_token', parameters: { refresh_token: 'r', scope: 'openid' } },
      {
        authorization: undefined,
        form: { grant_type: 'refresh_token', client_id: 'canary', refresh_token: 'r', scope: 'openid' },
      },
    ],
  ])('is asked for as RFC 6749 has it: %s', async (_, more, expected) => {
    expect(await signIn(credential(more), signal)).toBe('the-access-token');
    expect(asked).toEqual([expected]);
  });

  it('is the one that the credential names', async () => {
    expect(await signIn(credential({ token: 'id_token' }), signal)).toBe('the-id-token');
  });

  it.each([
    [400, '{"error":"invalid_grant","error_description":"the secret of somebody"}', '400 invalid_grant'],
    [200, '{"access_token":7,"other":"the secret of somebody"}', '200 without access_token'],
    [500, 'the secret of somebody', '500 without a reason'],
    [400, '{"error":"the secret of somebody"}', '400 without a reason'],
  ])('is told as missing without a word of the answer: %d %s', async (status, body, expected) => {
    answer = { status, body };
    const refused = signIn(credential(), signal);
    await expect(refused).rejects.toThrow(new Error(`the token endpoint answers ${expected}`));
    await expect(refused).rejects.not.toHaveProperty('cause');
  });

  it('is asked for over TLS, but on this machine', async () => {
    const insecure = signIn(credential({ tokenEndpoint: 'http://login.example.com/token' }), signal);
    await expect(insecure).rejects.toThrow(/HTTPS/i);
  });

  describe('that is kept', () => {
    const clock = new VirtualClock();
    const life = 3600;
    let read: number;
    let source: TokenSource;
    beforeEach(() => {
      read = 0;
      source = new TokenSource({
        readCredential: () => {
          read += 1;
          return Promise.resolve(readCredential(JSON.stringify(credential())));
        },
        clock,
      });
      const token = tokenOf({ sub: 'canary', exp: clock.now() / 1000 + life });
      answer = { status: 200, body: JSON.stringify({ access_token: token }) };
    });

    it('is used until it is about to expire, and then replaced', async () => {
      const first = await source.get(signal);
      expect(first).toMatchObject({ sub: 'canary', expiresAt: clock.now() + life * 1000 });
      await clock.sleep(life * 1000 - 121_000);
      expect(await source.get(signal)).toBe(first);
      await clock.sleep(1000);
      const next = { access_token: tokenOf({ sub: 'canary', exp: clock.now() / 1000 + life }) };
      answer = { status: 200, body: JSON.stringify(next) };
      expect((await source.get(signal)).token).toBe(next.access_token);
      // Who has changed the credential meanwhile need not deploy.
      expect([read, asked.length]).toEqual([2, 2]);
    });

    it('is forgotten when something has failed with it', async () => {
      await source.get(signal);
      source.forget();
      await source.get(signal);
      expect([read, asked.length]).toEqual([2, 2]);
    });

    it('is asked for once more where the connection breaks, and not a third time', async () => {
      broken = 1;
      await source.get(signal);
      expect([broken, asked.length]).toEqual([0, 1]);
      source.forget();
      broken = 3;
      await expect(source.get(signal)).rejects.toThrow('fetch failed');
      expect([broken, asked.length]).toEqual([1, 1]);
    });

    it('is asked for once where it is refused: a wrong password twice may lock its user out', async () => {
      answer = { status: 400, body: '{"error":"invalid_client"}' };
      await expect(source.get(signal)).rejects.toThrow('invalid_client');
      expect(asked).toHaveLength(1);
    });
  });
});
