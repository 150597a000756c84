import { signedInIdentity } from '../../dashboard/app/identity.ts';
import type { OidcSettings } from '../../protocol/page-settings.ts';
import { parseSettings } from '../../dashboard/app/page-settings.ts';

const settings: OidcSettings = {
  signIn: 'oidc',
  issuer: 'https://login.example.com',
  clientId: 'board',
  scope: 'openid',
  authorizationEndpoint: 'https://login.example.com/authorize',
  tokenEndpoint: 'https://login.example.com/token',
  workspaceClaim: 'custom:workspace',
  adminClaim: 'cognito:groups',
  adminValue: 'admin',
};

describe('who has signed in', () => {
  it.each([
    [
      { sub: 'a', 'custom:workspace': 'w', email: 'a@b.example' },
      { workspace: 'w', name: 'a@b.example' },
    ],
    [
      { sub: 'a', name: 'Alice', email: 'a@b.example' },
      { workspace: 'default', name: 'Alice' },
    ],
    [
      { sub: 'a', name: '', 'cognito:groups': ['x', 'admin'] },
      { workspace: 'default', admin: true },
    ],
    [
      { sub: 'a', 'cognito:groups': 'admin' },
      { workspace: 'default', admin: true },
    ],
    [{ sub: 'a', 'cognito:groups': ['administrators'] }, { workspace: 'default' }],
    [{ sub: 'a', 'cognito:groups': 'no admin' }, { workspace: 'default' }],
  ])('is by the claims %j', (claims, expected) => {
    expect(signedInIdentity(claims, settings)).toEqual({ user: 'a', admin: false, ...expected });
  });
});

describe('the settings of the page', () => {
  it('are what the deploy wrote', () => {
    expect(parseSettings(JSON.stringify(settings))).toEqual(settings);
    expect(parseSettings('{"signIn":"switch"}')).toEqual({ signIn: 'switch' });
  });

  it.each([
    ['null', 'says nothing known in signIn'],
    ['{}', 'says nothing known in signIn'],
    ['{"signIn":"magic"}', 'says nothing known in signIn: magic'],
    ['<html>', 'is not valid JSON'],
  ])('are not %s', (text, message) => {
    expect(() => parseSettings(text)).toThrow(message);
  });
});
