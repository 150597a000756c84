import { Environment, tokenSettings } from '../../lambdas/shared/runtime/environment.ts';

describe('the environment of a function', () => {
  it.each([
    ['absent', {}],
    ['empty', { JWT_ISSUER: '' }],
  ])('names a variable that is %s', (_, variables) => {
    expect(() => tokenSettings(new Environment(variables))).toThrow(/JWT_ISSUER is missing/);
  });

  it.each(['1.5', 'x', '-1', '1e99', ' '])(
    'names a variable that should be a whole number and is "%s"',
    (value) => {
      expect(() => new Environment({ COUNT: value }).integer('COUNT', 0)).toThrow(
        /COUNT .*whole number from 0/,
      );
    },
  );
});
