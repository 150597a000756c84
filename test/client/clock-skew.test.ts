import fc from 'fast-check';
import { clockSkewSeconds } from '../../client/sign-in/clock-skew.ts';

const token = (claims: unknown): string =>
  ['{}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');

describe("how far the issuer's clock is ahead of the machine's", () => {
  it('is what the token says, whichever of the two is wrong', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e9 }),
        fc.integer({ min: -1e7, max: 1e7 }),
        // Bytes of several lengths and of characters beyond ASCII, which base64url writes with - and _.
        fc.string({ unit: 'binary' }),
        (iat, skew, sub) => {
          expect(clockSkewSeconds(token({ iat, sub }), (iat - skew) * 1000)).toBe(skew);
        },
      ),
    );
  });

  it.each([undefined, '', 'a.b.c', token(null), token({}), token({ iat: '5' }), token([]), 7])(
    'is none that %j could tell',
    (idToken) => {
      expect(clockSkewSeconds(idToken, 1000)).toBe(0);
    },
  );
});
