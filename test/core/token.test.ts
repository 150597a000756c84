import { faultOfTimes, leewaySeconds } from '../../core/identity/token.ts';

const sampleTime = 1_700_000_000;
const life = 3600;

describe('the times of a token', () => {
  it.each([
    ['of an hour', { iat: 0, exp: life }, undefined],
    ['that has expired within the leeway', { iat: -60, exp: 1 - leewaySeconds }, undefined],
    ['that has expired', { iat: -60, exp: -leewaySeconds }, 'token_expired'],
    ['of before all dates', { iat: 0, exp: -1e300 }, 'token_expired'],
    ['issued 2 s ahead', { iat: 2, exp: 60 }, undefined],
    ['issued ahead of the leeway', { iat: leewaySeconds + 1, exp: 60 }, 'token_invalid'],
    ['issued after all dates', { iat: 1e300, exp: 1e301 }, 'token_invalid'],
    ['good in 2 s', { iat: 0, nbf: 2, exp: 60 }, undefined],
    ['good in ten minutes', { iat: 0, nbf: 600, exp: 900 }, 'token_invalid'],
    ['that lives a second too long', { iat: 0, exp: life + 1 }, 'token_too_long_lived'],
    ['of an old time that lives too long', { iat: -life, exp: 1 }, 'token_too_long_lived'],
    ['that expires in the year 290,000', { iat: 0, exp: 9.1e12 }, 'token_too_long_lived'],
    ['without a time of issue', { exp: 60 }, 'token_unusable'],
    ['without an expiry', { iat: 0 }, 'token_unusable'],
    ['with a text as time of issue', { iat: 'now', exp: 60 }, 'token_unusable'],
  ])('%s', (_, times, fault) => {
    const shifted = Object.fromEntries(
      Object.entries(times).map(([name, value]) => [
        name,
        typeof value === 'number' ? sampleTime + value : value,
      ]),
    );
    expect(faultOfTimes(shifted, sampleTime, life)).toBe(fault);
  });
});
