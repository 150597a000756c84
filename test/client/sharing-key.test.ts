import { sharingKey } from '../../client/sharing/sharing-key.ts';
import { canShare } from '../../client/sharing/can-share.ts';

const endpoints = { api: 'https://a.example', stream: 'https://a.example', webSocket: 'wss://a.example/ws' };
const claims = {
  iss: 'https://issuer.example',
  sub: 'alice',
  workspace: 'one',
  groups: ['member'],
  realm: { roles: ['reader'], name: 'Jürgen' },
  sid: 'session-1',
  iat: 1_700_000_000,
  exp: 1_700_003_600,
};

function tokenOf(some: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'RS256' })}.${encode(some)}.c2lnbmF0dXJl`;
}

const keyOf = (
  some: object,
  subscription = {},
  ignored: readonly string[] = [],
): Promise<string | undefined> => sharingKey(tokenOf(some), endpoints, subscription, ignored);

describe('the key of tabs that share', () => {
  it('is a hash, in which nobody reads who the user is', async () => {
    expect(await keyOf(claims)).toMatch(/^[\da-f]{64}$/);
  });

  it.each([
    ['a later token', { iat: 1_700_003_000, exp: 1_700_006_600, nbf: 1_700_003_000 }],
    ['another id', { jti: 'another' }],
    ['another sign-in', { auth_time: 1, nonce: 'n', at_hash: 'h', c_hash: 'h', origin_jti: 'o' }],
  ])('is the same for %s of the user', async (_what, more) => {
    expect(await keyOf({ ...claims, ...more })).toBe(await keyOf(claims));
  });

  it('does not depend on the order of claims, at any depth', async () => {
    const { sub, realm, ...rest } = claims;
    const reversed = { realm: { name: realm.name, roles: realm.roles }, ...rest, sub };
    expect(await keyOf(reversed)).toBe(await keyOf(claims));
  });

  it.each([
    ['user', { sub: 'bob' }],
    ['workspace', { workspace: 'two' }],
    ['group', { groups: ['member', 'admin'] }],
    ['nested right', { realm: { roles: ['writer'], name: 'Jürgen' } }],
    ['nested claim of a passing name', { realm: { roles: ['reader'], name: 'Jürgen', exp: 'workspace' } }],
    ['issuer', { iss: 'https://other.example' }],
    ['unknown claim', { tenant: 'one' }],
    ['session', { sid: 'session-2' }],
    // With another issuer than Cognito it may be what rights depend on.
    ['event', { event_id: 'concert' }],
  ])('is another for another %s', async (_what, more) => {
    expect(await keyOf({ ...claims, ...more })).not.toBe(await keyOf(claims));
  });

  it('leaves out the sign-in of Cognito, and claims that the caller names', async () => {
    const cognito = { ...claims, iss: 'https://cognito-idp.eu-central-1.amazonaws.com/pool' };
    expect(await keyOf({ ...cognito, event_id: 'a' })).toBe(await keyOf({ ...cognito, event_id: 'b' }));
    expect(await keyOf({ ...claims, uti: 'a' }, {}, ['uti'])).toBe(await keyOf(claims));
  });

  it('is another for another subscription and another deployment', async () => {
    const other = { ...endpoints, api: 'https://b.example' };
    const keys = [
      await keyOf(claims),
      await keyOf(claims, { tasks: [1] }),
      await keyOf(claims, { tasks: [2] }),
      await keyOf(claims, { presence: true }),
      await sharingKey(tokenOf(claims), other, {}),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each(['', 'opaque', 'a.b', 'a.b.c', 'a.b.c.d.e', `a.${btoa('[1]')}.c`, `a.${btoa('null')}.c`])(
    'is none for a token that is no JWT: %s',
    async (token) => {
      expect(await sharingKey(token, endpoints, {})).toBeUndefined();
    },
  );

  it('is none for a stream that tells the past, which a tab that joins would not hear', async () => {
    expect(await keyOf(claims, { since: '2026-11-27T12:00:00Z' })).toBeUndefined();
  });
});

describe('Node', () => {
  it('shares nothing, though it has channels and locks', () => {
    expect(canShare()).toBe(false);
  });
});
