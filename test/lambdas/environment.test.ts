import { tokenEnvironment } from '../../lambdas/shared/auth/environment.ts';
import { readEnvironment, wholeNumber } from '../../lambdas/shared/runtime/environment.ts';
import { stageConfig } from '../../lib/config/stage-config.ts';
import { functionEnvironment } from '../../lib/functions/function-environment.ts';

describe('the environment of a function', () => {
  const given = {
    TOKEN_HEADER: 'authorization',
    JWT_ISSUER: 'https://login.example.com',
    JWT_AUDIENCE: 'board',
    JWT_JWKS_URI: 'https://login.example.com/keys',
    DEFAULT_WORKSPACE: undefined,
  };

  it('is read as it was written, with the settings of its stage', () => {
    const config = stageConfig('local', {
      local: { workspaceClaim: 'team', adminValue: 'root', tokenLifeSeconds: 60 },
    });
    for (const values of [given, { ...given, DEFAULT_WORKSPACE: 'default' }]) {
      const written = functionEnvironment(tokenEnvironment, config, values);
      expect(readEnvironment(tokenEnvironment, written)).toEqual({
        ...values,
        WORKSPACE_CLAIM: 'team',
        ADMIN_CLAIM: 'groups',
        ADMIN_VALUE: 'root',
        TOKEN_LIFE_SECONDS: 60,
      });
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
