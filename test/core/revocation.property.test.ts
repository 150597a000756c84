import fc from 'fast-check';
import { isRevoked } from '../../core/revocation.ts';

const second = fc.integer({ min: 0, max: 2_000_000_000 });

describe('revocation', () => {
  it('refuses every token of its second or before, and none of a later second', () => {
    fc.assert(
      fc.property(second, second, fc.integer({ min: 0, max: 999 }), (issued, revoked, milliseconds) => {
        const token = { issuedAt: issued * 1000, fingerprint: 'f' };
        const revocations = { notBefore: revoked * 1000 + milliseconds, tokens: new Set<string>() };
        expect(isRevoked(token, revocations)).toBe(issued <= revoked);
      }),
    );
  });

  it('refuses a token that does not tell its age as soon as anything was revoked, and a single token by name', () => {
    const token = { issuedAt: undefined, fingerprint: 'f' };
    const none = new Set<string>();
    expect(isRevoked(token, { notBefore: undefined, tokens: none })).toBe(false);
    expect(isRevoked(token, { notBefore: 1, tokens: none })).toBe(true);
    expect(isRevoked({ ...token, issuedAt: 9 }, { notBefore: undefined, tokens: new Set(['g']) })).toBe(
      false,
    );
    expect(isRevoked({ ...token, issuedAt: 9 }, { notBefore: undefined, tokens: new Set(['f']) })).toBe(true);
  });
});
