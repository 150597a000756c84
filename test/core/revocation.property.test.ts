import fc from 'fast-check';
import type { KeptRevocations } from '../../core/connections/revocation.ts';
import { cutAt, isRevoked, mostTokens, withTokens } from '../../core/connections/revocation.ts';
import { faultOfTimes } from '../../core/identity/token.ts';

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

  it('refuses whatever was accepted before it, and is remembered for as long as any of that lives', () => {
    const life = fc.integer({ min: 60, max: 2_592_000 });
    const offset = fc.integer({ min: -3_000_000, max: 3_000_000 });
    fc.assert(
      fc.property(second, life, offset, offset, fc.nat(3_000_000), (revoked, longest, iat, exp, later) => {
        const token = { iat: revoked + iat, exp: revoked + exp };
        const { notBefore, expiresAt } = cutAt(revoked * 1000, longest);
        const wasGood = faultOfTimes(token, revoked, longest) === undefined;
        const facts = { issuedAt: token.iat * 1000, fingerprint: 'f' };
        if (wasGood) expect(isRevoked(facts, { notBefore, tokens: new Set() })).toBe(true);
        const now = revoked + later;
        const isForgotten = now * 1000 >= expiresAt;
        if (token.iat <= revoked && isForgotten) expect(faultOfTimes(token, now, longest)).toBeDefined();
      }),
    );
  });

  it('of single tokens takes little room, forgets the expired, and misses none', () => {
    const all = { notBefore: 1000, expiresAt: 9000 };
    const token = fc.tuple(fc.string({ minLength: 1, maxLength: 3 }), fc.integer({ min: 0, max: 200 }));
    fc.assert(
      fc.property(fc.array(fc.array(token, { maxLength: 12 }), { maxLength: 12 }), (batches) => {
        let kept: KeptRevocations = { notBefore: undefined, tokens: new Map(), expiresAt: 0 };
        const revoked = new Map<string, number>();
        for (const [now, batch] of batches.entries()) {
          kept = withTokens(kept, batch, now * 10, all);
          for (const [fingerprint, until] of batch) revoked.set(fingerprint, until);
          expect(kept.tokens.size).toBeLessThanOrEqual(mostTokens);
          const revocations = { notBefore: kept.notBefore, tokens: new Set(kept.tokens.keys()) };
          for (const [fingerprint, until] of revoked) {
            // Whoever has a token that lives was issued it before the cut.
            const isAlive = until > now * 10;
            if (isAlive) expect(isRevoked({ fingerprint, issuedAt: 500 }, revocations)).toBe(true);
            if (isAlive) expect(kept.expiresAt).toBeGreaterThanOrEqual(kept.notBefore ? 9000 : until);
          }
        }
      }),
    );
  });
});
