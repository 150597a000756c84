import { tokenEnvironment } from '../../lambdas/shared/auth/environment.ts';
import { readEnvironment, wholeNumber, writeEnvironment } from '../../lambdas/shared/runtime/environment.ts';

describe('the environment of a function', () => {
  const token = {
    TOKEN_HEADER: 'authorization',
    JWT_ISSUER: 'https://login.example.com',
    JWT_AUDIENCE: 'board',
    JWT_JWKS_URI: 'https://login.example.com/keys',
    WORKSPACE_CLAIM: 'workspace',
    ADMIN_CLAIM: 'groups',
    ADMIN_VALUE: 'admin',
    DEFAULT_WORKSPACE: undefined,
    TOKEN_LIFE_SECONDS: 60,
  };

  it('is read as it was written', () => {
    for (const values of [token, { ...token, DEFAULT_WORKSPACE: 'default' }]) {
      expect(readEnvironment(tokenEnvironment, writeEnvironment<typeof tokenEnvironment>(values))).toEqual(
        values,
      );
    }
  });

  it.each([
    ['absent', { TOKEN_HEADER: 'authorization' }],
    ['empty', { TOKEN_HEADER: 'authorization', JWT_ISSUER: '' }],
  ])('names a variable that is %s', (_, variables) => {
    expect(() => readEnvironment(tokenEnvironment, variables)).toThrow(/JWT_ISSUER is missing/);
  });

  it.each(['1.5', 'x', '-1', '1e99', ' '])(
    'names a variable that should be a whole number and is "%s"',
    (value) => {
      expect(() => readEnvironment({ COUNT: wholeNumber(0) }, { COUNT: value })).toThrow(
        /COUNT .*whole number from 0/,
      );
    },
  );
});
