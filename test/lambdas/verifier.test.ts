import { jest } from '@jest/globals';
import { createSign, KeyObject } from 'node:crypto';
import type { CryptoKey } from 'jose';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { leewaySeconds } from '../../core/identity/token.ts';
import type { TokenSettings } from '../../lambdas/shared/auth/environment.ts';
import type { TokenVerifier } from '../../lambdas/shared/auth/verifier.ts';
import { createTokenVerifier } from '../../lambdas/shared/auth/verifier.ts';

const pool = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI';
const oidc = 'https://login.example.com';
const settings: TokenSettings = {
  issuer: oidc,
  audience: 'client-1',
  jwksUri: `${oidc}/keys`,
  workspaceClaim: 'workspace',
  adminClaim: 'roles',
  adminValue: 'admin',
  defaultWorkspace: 'default',
  tokenLifeSeconds: 3600,
};

let key: CryptoKey;
let keySet: string;
let asked: string[];
beforeAll(async () => {
  const pair = await generateKeyPair('RS256', { extractable: true });
  key = pair.privateKey;
  keySet = JSON.stringify({
    keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }],
  });
});

function verifier(changed: Partial<TokenSettings> = {}): TokenVerifier {
  asked = [];
  return createTokenVerifier(
    { ...settings, ...changed },
    {
      fetch: async (uri) => {
        asked.push(uri);
        return new TextEncoder().encode(keySet).buffer;
      },
    },
  );
}

function sign(claims: Record<string, unknown>, issuer = oidc): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: issuer, sub: 'alice', aud: 'client-1', iat: now, exp: now + 60, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(key);
}

describe('the tokens of an OIDC issuer', () => {
  it('speak for a user in the workspace of their claim, or in the default one', async () => {
    const oidcVerifier = verifier();
    await expect(oidcVerifier.verify(await sign({ workspace: 'acme' }))).resolves.toMatchObject({
      principal: { workspace: 'acme', user: 'alice', admin: false },
    });
    await expect(oidcVerifier.verify(await sign({}))).resolves.toMatchObject({
      principal: { workspace: 'default' },
    });
    const strict = verifier({ defaultWorkspace: undefined });
    await expect(strict.verify(await sign({}))).rejects.toMatchObject({ code: 'token_unusable' });
    await expect(strict.verify(await sign({ workspace: 'acme' }))).resolves.toMatchObject({
      principal: { workspace: 'acme' },
    });
    expect(asked).toEqual([`${oidc}/keys`]);
  });

  it.each([
    ['a list with the value', ['user', 'admin'], true],
    ['the value itself', 'admin', true],
    ['a list without it', ['administrator'], false],
    ['a string that only contains it', 'not-admin', false],
    ['true', true, false],
    ['nothing', undefined, false],
  ])('make an admin, or not, by their claim: %s', async (_, roles, admin) => {
    await expect(verifier().verify(await sign({ roles }))).resolves.toMatchObject({ principal: { admin } });
  });

  it('tell workspace and rights in nested claims too', async () => {
    const nested = verifier({ workspaceClaim: 'org.id', adminClaim: 'realm_access.roles' });
    const claims = { org: { id: 'acme' }, realm_access: { roles: ['user', 'admin'] } };
    await expect(nested.verify(await sign(claims))).resolves.toMatchObject({
      principal: { workspace: 'acme', admin: true },
    });
    await expect(nested.verify(await sign({ ...claims, org: { id: null } }))).rejects.toMatchObject({
      code: 'token_unusable',
    });
  });

  it('are refused without an expiry, or with a user or workspace that is none', async () => {
    for (const claims of [
      { exp: undefined },
      { iat: undefined },
      { sub: undefined },
      { sub: 'a b' },
      { workspace: 'a/b' },
      { workspace: null },
    ]) {
      await expect(verifier().verify(await sign(claims))).rejects.toMatchObject({ code: 'token_unusable' });
    }
  });

  it('are refused before and after their time, give or take the same few seconds', async () => {
    const now = Math.floor(Date.now() / 1000);
    for (const claims of [{ nbf: now + 3600 }, { iat: now + 60, exp: now + 90 }]) {
      await expect(verifier().verify(await sign(claims))).rejects.toMatchObject({ code: 'token_invalid' });
    }
    await expect(verifier().verify(await sign({ exp: now - 30 }))).rejects.toMatchObject({
      code: 'token_expired',
    });
    for (const claims of [{ nbf: now + 2 }, { iat: now + 2 }, { exp: now - 1 }]) {
      await expect(verifier().verify(await sign(claims))).resolves.toMatchObject({
        expiresAt: ((claims.exp ?? now + 60) + leewaySeconds) * 1000,
      });
    }
  });

  it.each([
    ['an hour and a second', 3601],
    ['until the year 290,000', 9.1e12],
    ['beyond all dates', 1e300],
  ])('are refused when they live too long: %s', async (_, life) => {
    const now = Math.floor(Date.now() / 1000);
    await expect(verifier().verify(await sign({ iat: now, exp: now + life }))).rejects.toMatchObject({
      code: 'token_too_long_lived',
    });
  });

  it.each([[['b64']], [['exp']], [[]], ['exp'], [null]])(
    'are refused with an extension that must be understood: crit %j',
    async (crit) => {
      const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'k1', crit })).toString('base64url');
      const signed = `${header}.${(await sign({})).split('.')[1]}`;
      const signature = createSign('RSA-SHA256').update(signed).sign(KeyObject.from(key), 'base64url');
      await expect(verifier().verify(`${signed}.${signature}`)).rejects.toMatchObject({
        code: 'token_invalid',
      });
    },
  );

  it('are neither accepted nor refused when the keys cannot be read', async () => {
    const broken = createTokenVerifier(settings, {
      fetch: async () => new TextEncoder().encode('{"keys":1}').buffer,
    });
    await expect(broken.verify(await sign({}))).rejects.toMatchObject({ name: 'IssuerUnavailable' });
  });
});

describe('an issuer that fails', () => {
  it('is left alone for a while, however many forged tokens come, and then asked again', async () => {
    const clock = jest.spyOn(Date, 'now');
    const begin = Date.now();
    clock.mockReturnValue(begin);
    let isDown = true;
    let questions = 0;
    const patient = createTokenVerifier(settings, {
      fetch: async () => {
        questions += 1;
        return new TextEncoder().encode(isDown ? '{"keys":1}' : keySet).buffer;
      },
    });
    const token = await sign({});
    for (let count = 0; count < 1000; count += 1) {
      await expect(patient.verify(token)).rejects.toMatchObject({ name: 'IssuerUnavailable' });
    }
    clock.mockReturnValue(begin + 5000);
    isDown = false;
    await expect(patient.verify(token)).resolves.toMatchObject({ principal: { user: 'alice' } });
    clock.mockRestore();
    expect(questions).toBe(2);
  });
});

describe('the key of a token', () => {
  /** An issuer with keys that can be rolled, and a clock of its own. */
  class Issuer {
    asked = 0;
    now = Date.now();
    keys: Record<string, unknown>[] = [];
    /** Called at each question, before its answer. */
    onAsked: () => Promise<unknown> = async () => undefined;
    readonly verifier = createTokenVerifier(
      settings,
      {
        fetch: async () => {
          this.asked += 1;
          const answer = JSON.stringify({ keys: this.keys });
          await this.onAsked();
          return new TextEncoder().encode(answer).buffer;
        },
      },
      () => this.now,
    );

    /** Makes a key, published by that name or without any, and gives what signs with it. */
    async roll(kid?: string, alg = 'ES256'): Promise<(named?: string | null) => Promise<string>> {
      const { publicKey, privateKey } = await generateKeyPair(alg);
      this.keys = [{ ...(await exportJWK(publicKey)), ...(kid !== undefined && { kid }) }];
      const seconds = Math.floor(this.now / 1000);
      const claims = { iss: oidc, sub: 'alice', aud: 'client-1', iat: seconds, exp: seconds + 600 };
      return (named = kid ?? null) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg, ...(named !== null && { kid: named }) })
          .sign(privateKey);
    }

    verify(token: string): Promise<string> {
      return this.verifier.verify(token).then(
        () => 'good',
        (error: { code?: string; name: string }) => error.code ?? error.name,
      );
    }
  }

  it('that was just rolled is found, also after a forged token of an unknown key', async () => {
    const issuer = new Issuer();
    const old = await issuer.roll('old');
    expect(await issuer.verify(await old())).toBe('good');
    expect(await issuer.verify(await old('forged'))).toBe('token_invalid');
    const rolled = await issuer.roll('new');
    expect(await issuer.verify(await rolled())).toBe('good');
    expect(issuer.asked).toBe(3);
  });

  it('is not told unknown by an answer that may be older than the token', async () => {
    const issuer = new Issuer();
    const old = await issuer.roll('old');
    await issuer.verify(await old());
    let answer = (): void => undefined;
    issuer.onAsked = () => new Promise<void>((resolve) => (answer = resolve));
    const forged = issuer.verify(await old('forged'));
    const rolled = await issuer.roll('new');
    // It comes while the answer with the old keys is on its way.
    const good = issuer.verify(await rolled());
    issuer.onAsked = async () => undefined;
    answer();
    expect(await Promise.all([forged, good])).toEqual(['token_invalid', 'good']);
    expect(issuer.asked).toBe(3);
  });

  it('cannot be told while the issuer may not be asked again, however many forged tokens come', async () => {
    const issuer = new Issuer();
    const old = await issuer.roll('old');
    await issuer.verify(await old());
    const answers = new Set<string>();
    for (let count = 0; count < 200; count += 1)
      answers.add(await issuer.verify(await old(`forged-${count}`)));
    expect(answers).toEqual(new Set(['token_invalid', 'KeyNotKnownYet']));
    expect(issuer.asked).toBeLessThan(10);
    const before = issuer.asked;
    const rolled = await issuer.roll('new');
    const refused = issuer.verifier.verify(await rolled());
    await expect(refused).rejects.toMatchObject({ name: 'KeyNotKnownYet', retryAfterSeconds: 10 });
    expect(await issuer.verify(await old())).toBe('good');
    issuer.now += 10_000;
    expect(await issuer.verify(await rolled())).toBe('good');
    expect(issuer.asked).toBe(before + 1);
  });

  it('is not looked for where the token is bad in any case', async () => {
    const issuer = new Issuer();
    const old = await issuer.roll('old');
    await issuer.verify(await old());
    const expired = await old('forged');
    issuer.now += 700_000;
    expect(await issuer.verify(expired)).toBe('token_expired');
    const header = Buffer.from('{"alg":"none","kid":"forged"}').toString('base64url');
    expect(await issuer.verify(`${header}.${(await old()).split('.')[1]}.AA`)).toBe('token_invalid');
    expect(issuer.asked).toBe(1);
  });

  it('need not be named where only one fits, also after it was rolled', async () => {
    const issuer = new Issuer();
    for (const kid of ['old', undefined, 'new', undefined]) {
      const signed = await issuer.roll(kid);
      issuer.keys.push({
        ...(await exportJWK((await generateKeyPair('RS256')).publicKey)),
        kid: 'other kind',
      });
      issuer.keys.push({ ...issuer.keys[0], kid: 'for encryption', use: 'enc' });
      const token = await signed(null);
      expect(await issuer.verify(token)).toBe('good');
      const [header, payload] = token.split('.');
      const forged = [header, payload, Buffer.alloc(64, 7).toString('base64url')].join('.');
      expect(await issuer.verify(forged)).toBe('token_invalid');
      issuer.now += 60_000;
    }
  });

  it('must be named where several fit', async () => {
    const issuer = new Issuer();
    const unnamed = await issuer.roll();
    expect(await issuer.verify(await unnamed())).toBe('good');
    issuer.keys = [...issuer.keys, { ...issuer.keys[0], kid: 'another' }];
    const fresh = createTokenVerifier(settings, {
      fetch: async () => new TextEncoder().encode(JSON.stringify({ keys: issuer.keys })).buffer,
    });
    await expect(fresh.verify(await unnamed())).rejects.toMatchObject({ code: 'token_invalid' });
  });

  it('may share its name with one of another kind', async () => {
    const issuer = new Issuer();
    await issuer.roll('k', 'RS256');
    const [other] = issuer.keys;
    const signed = await issuer.roll('k');
    issuer.keys.unshift(other!);
    expect(await issuer.verify(await signed())).toBe('good');
  });
});

describe('the tokens of a Cognito user pool', () => {
  const cognito = { issuer: pool, workspaceClaim: 'custom:workspace', adminClaim: 'cognito:groups' };

  it('are its id tokens, for the client of the stack', async () => {
    const claims = { token_use: 'id', 'custom:workspace': 'acme', 'cognito:groups': ['admin'] };
    await expect(verifier(cognito).verify(await sign(claims, pool))).resolves.toMatchObject({
      principal: { workspace: 'acme', user: 'alice', admin: true },
    });
    expect(asked).toEqual([`${pool}/.well-known/jwks.json`]);
    const ofAnother = await sign({ ...claims, aud: 'client-2' }, pool);
    await expect(verifier(cognito).verify(ofAnother)).rejects.toMatchObject({ code: 'token_invalid' });
  });

  it('are not its access tokens: those name no workspace, and everyone would meet in the default one', async () => {
    const access = await sign({ token_use: 'access', client_id: 'client-1', aud: undefined }, pool);
    await expect(verifier(cognito).verify(access)).rejects.toMatchObject({ code: 'token_invalid' });
  });
});
