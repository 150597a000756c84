import { jest } from '@jest/globals';
import type { CryptoKey } from 'jose';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { TokenSettings } from '../../lambdas/aws/environment.ts';
import type { TokenVerifier } from '../../lambdas/aws/verifier.ts';
import { createTokenVerifier } from '../../lambdas/aws/verifier.ts';

const pool = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI';
const oidc = 'https://login.example.com';
const settings: TokenSettings = {
  issuer: oidc,
  audience: 'client-1',
  jwksUri: `${oidc}/keys`,
  workspaceClaim: 'workspace',
  adminClaim: 'roles',
  adminValue: 'admin',
};

let key: CryptoKey;
let keySet: string;
let asked: string[];
beforeAll(async () => {
  const pair = await generateKeyPair('RS256');
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

  it('are refused without an expiry, or with a user or workspace that is none', async () => {
    for (const claims of [
      { exp: undefined },
      { sub: undefined },
      { sub: 'a b' },
      { workspace: 'a/b' },
      { workspace: null },
    ]) {
      await expect(verifier().verify(await sign(claims))).rejects.toMatchObject({ fault: 'token_unusable' });
    }
  });

  it('are refused before their time', async () => {
    const later = Math.floor(Date.now() / 1000) + 3600;
    await expect(verifier().verify(await sign({ nbf: later }))).rejects.toMatchObject({
      fault: 'token_invalid',
    });
  });

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

describe('the tokens of a Cognito user pool', () => {
  const cognito = { issuer: pool, workspaceClaim: 'custom:workspace', adminClaim: 'cognito:groups' };

  it('are its id tokens, for the client of the stack', async () => {
    const claims = { token_use: 'id', 'custom:workspace': 'acme', 'cognito:groups': ['admin'] };
    await expect(verifier(cognito).verify(await sign(claims, pool))).resolves.toMatchObject({
      principal: { workspace: 'acme', user: 'alice', admin: true },
    });
    expect(asked).toEqual([`${pool}/.well-known/jwks.json`]);
    const ofAnother = await sign({ ...claims, aud: 'client-2' }, pool);
    await expect(verifier(cognito).verify(ofAnother)).rejects.toMatchObject({ fault: 'token_invalid' });
  });

  it('are not its access tokens: those name no workspace, and everyone would meet in the default one', async () => {
    const access = await sign({ token_use: 'access', client_id: 'client-1', aud: undefined }, pool);
    await expect(verifier(cognito).verify(access)).rejects.toMatchObject({ fault: 'token_invalid' });
  });
});
