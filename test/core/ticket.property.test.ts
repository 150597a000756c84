import fc from 'fast-check';
import {
  expiryOf,
  ticketBytes,
  ticketExpiry,
  ticketFingerprint,
  ticketText,
} from '../../core/identity/ticket.ts';

const sampleTime = 1_700_000_000_000;

const secret = fc
  .uint8Array({ minLength: ticketBytes, maxLength: ticketBytes })
  .map((bytes) => Buffer.from(bytes));
const seconds = fc.integer({ min: 1, max: 36 ** 7 });
const ticket = fc.tuple(secret, seconds).map(([bytes, expiry]) => ticketText(bytes, expiry * 1000));

describe('the text of a ticket', () => {
  it('tells when it expires, and needs no encoding in a URL', () => {
    fc.assert(
      fc.property(secret, seconds, (bytes, expiry) => {
        const text = ticketText(bytes, expiry * 1000);
        expect(expiryOf(text)).toBe(expiry * 1000);
        expect(encodeURIComponent(text)).toBe(text);
        expect(new URL(`/sse/connect?ticket=${text}`, 'http://a').searchParams.get('ticket')).toBe(text);
      }),
    );
  });

  it('is named by a fingerprint that no other text has, and that tells nothing of it', () => {
    const place = fc.nat(60);
    const character = fc.constantFrom('A', 'z', '0', '9', '-', '_', '.', '%', ',', ' ', '\n', '=');
    fc.assert(
      fc.property(ticket, place, character, (text, at, to) => {
        const others = [
          text.slice(0, at) + to + text.slice(at + 1),
          text.slice(0, at) + to + text.slice(at),
          text.slice(0, at),
          `${text}${to}`,
          text.toUpperCase(),
        ].filter((other) => other !== text);
        for (const other of others) expect(ticketFingerprint(other)).not.toBe(ticketFingerprint(text));
        const [bytes = ''] = text.split('.');
        expect(ticketFingerprint(text)).not.toContain(bytes.slice(0, 8));
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['the secret alone', 'a'.repeat(43)],
    ['the expiry alone', '.tfw4zz'],
    ['a secret that is too short', `${'a'.repeat(42)}.tfw4zz`],
    ['a secret that is too long', `${'a'.repeat(44)}.tfw4zz`],
    ['an expiry with a zero before it', `${'a'.repeat(43)}.0tfw4zz`],
    ['an expiry in capitals', `${'a'.repeat(43)}.TFW4ZZ`],
    ['an expiry that no clock reaches', `${'a'.repeat(43)}.zzzzzzzzz`],
    ['an expiry that is negative', `${'a'.repeat(43)}.-1`],
    ['a line end', `${'a'.repeat(43)}.tfw4zz\n`],
    ['two tickets', `${'a'.repeat(43)}.tfw4zz,${'b'.repeat(43)}.tfw4zz`],
    ['another alphabet', `${'+'.repeat(43)}.tfw4zz`],
    ['a token', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl'],
  ])('is not %s', (_, text) => {
    expect(expiryOf(text)).toBeUndefined();
  });

  it('is no other text, however near', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const looksLikeOne = /^[A-Za-z0-9_-]{43}\.[1-9a-z][0-9a-z]{0,7}$/.test(text);
        expect(expiryOf(text) !== undefined).toBe(looksLikeOne);
      }),
    );
  });
});

describe('the expiry of a ticket', () => {
  it('is in whole seconds, never later than that of its token, and never later than it may live', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 ** 8 }),
        fc.integer({ min: 5001, max: 10 ** 8 }),
        fc.integer({ min: 1, max: 86_400 }),
        (after, left, life) => {
          const now = sampleTime + after;
          const expiresAt = ticketExpiry(now, now + left, life);
          expect(expiresAt % 1000).toBe(0);
          expect(expiresAt).toBeLessThanOrEqual(now + Math.min(left, life * 1000));
          expect(expiresAt).toBeGreaterThan(now + Math.min(left, life * 1000) - 1000);
        },
      ),
    );
  });
});
