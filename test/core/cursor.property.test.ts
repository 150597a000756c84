import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { CursorSeal } from '../../core/log/cursor.ts';
import type { Position } from '../../core/log/cursor.ts';
import { openPageCursor, sealPageCursor } from '../../core/task/page-cursor.ts';
import { sampleLog } from './memory-log.ts';
import { anyPrincipal } from './task-samples.ts';

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length });
const anyIdentity = fc.record({
  log: hex(16),
  key: fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => Buffer.from(bytes).toString('base64url')),
});
const anyPosition: fc.Arbitrary<Position> = fc.record({
  log: hex(16),
  segment: fc.integer({ min: 1, max: 1e14 }),
  change: fc.nat(1e6),
  frame: fc.nat(1),
});
/** Characters of cursors, and some that are none. */
const anyCharacter = fc.constantFrom(...'0123456789abcdefghijXYZ-_.=+/ \n\0é'.split(''));

/** The text with one character replaced, inserted or removed. */
const anyTampering = fc.record({
  at: fc.nat(),
  remove: fc.integer({ min: 0, max: 1 }),
  insert: fc.oneof(anyCharacter, fc.constant('')),
});
function tamper(
  text: string,
  { at, remove, insert }: { at: number; remove: number; insert: string },
): string {
  const place = at % (text.length + 1);
  return text.slice(0, place) + insert + text.slice(place + remove);
}

describe('the cursor', () => {
  it('comes back as it was given, to its principal', () => {
    fc.assert(
      fc.property(anyIdentity, anyPosition, anyPrincipal, (identity, place, principal) => {
        const position = { ...place, log: identity.log };
        const text = new CursorSeal(identity, principal).seal(position);
        expect(new CursorSeal(identity, { ...principal }).open(text)).toEqual(position);
      }),
    );
  });

  it('is the same text wherever it is made: two streams give a frame one id', () => {
    fc.assert(
      fc.property(anyIdentity, anyPrincipal, fc.array(anyPosition), (identity, principal, positions) => {
        const [one, other] = [new CursorSeal(identity, principal), new CursorSeal(identity, principal)];
        const texts = positions.map((position) => one.seal(position));
        expect(positions.toReversed().map((position) => other.seal({ ...position }))).toEqual(
          texts.toReversed(),
        );
      }),
    );
  });

  it('is safe in a URL, in a header and in a frame, and takes a mark after it', () => {
    fc.assert(
      fc.property(anyIdentity, anyPosition, anyPrincipal, (identity, position, principal) => {
        const text = new CursorSeal(identity, principal).seal(position);
        expect(text).toMatch(/^[A-Za-z0-9_.-]{62,128}$/);
        expect(text).toMatch(/\.[A-Za-z0-9_-]{22}$/);
      }),
    );
  });

  it('opens nothing for anybody else, with another key, or in another log', () => {
    fc.assert(
      fc.property(
        anyIdentity,
        anyIdentity,
        anyPosition,
        anyPrincipal,
        anyPrincipal,
        (identity, other, place, principal, somebody) => {
          const text = new CursorSeal(identity, principal).seal({ ...place, log: identity.log });
          const isSame = somebody.user === principal.user && somebody.admin === principal.admin;
          if (!isSame) expect(new CursorSeal(identity, somebody).open(text)).toBe('rights_changed');
          expect(new CursorSeal({ ...identity, key: other.key }, principal).open(text)).toBe(
            'unknown_cursor',
          );
          expect(new CursorSeal({ ...identity, log: other.log }, principal).open(text)).toBe(
            'unknown_cursor',
          );
          const moved = { ...principal, workspace: 'elsewhere' };
          expect(new CursorSeal(identity, moved).open(text)).toBe('rights_changed');
        },
      ),
    );
  });

  it('opens nothing when a single character is another one', () => {
    fc.assert(
      fc.property(anyIdentity, anyPosition, anyPrincipal, anyTampering, (identity, place, principal, by) => {
        const seal = new CursorSeal(identity, principal);
        const text = seal.seal({ ...place, log: identity.log });
        const tampered = tamper(text, by);
        fc.pre(tampered !== text);
        expect(typeof seal.open(tampered)).toBe('string');
      }),
      { numRuns: 3000 },
    );
  });

  it('never throws, and opens nothing that was made without the key', () => {
    const seal = new CursorSeal(sampleLog, { workspace: 'acme', user: 'mallory', admin: false });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9a-f.]*$/)), (text) => {
        expect(seal.open(text)).toBe('unknown_cursor');
      }),
      { numRuns: 2000 },
    );
    const rights = seal.seal({ log: sampleLog.log, segment: 1, change: 0, frame: 0 }).split('.')[4]!;
    for (const log of ['0', sampleLog.log]) {
      const place = `${log}.1.0.0.${rights}`;
      const guessed = createHmac('sha256', '').update(place).digest('base64url').slice(0, 22);
      for (const forged of [place, `${place}.`, `${place}.${'A'.repeat(22)}`, `${place}.${guessed}`])
        expect(seal.open(forged)).toBe('unknown_cursor');
    }
  });
});

describe('the cursor of a page', () => {
  const anyPlace = fc.double({ min: 1, max: Number.MAX_SAFE_INTEGER, noNaN: true });
  const anyNonce = fc.uint8Array({ minLength: 12, maxLength: 12 });

  it('comes back as it was given, to its owner, whether an admin by now or not', () => {
    fc.assert(
      fc.property(anyIdentity, anyPrincipal, anyPlace, anyNonce, (identity, principal, after, nonce) => {
        const text = sealPageCursor({ identity, principal }, after, nonce);
        const owner = { identity, principal: { ...principal, admin: !principal.admin } };
        expect(openPageCursor(owner, text)).toBe(after);
        expect(encodeURIComponent(text)).toBe(text);
      }),
    );
  });

  it('opens nothing for anybody else, with another key, or with a single other character', () => {
    fc.assert(
      fc.property(
        anyIdentity,
        anyIdentity,
        anyPrincipal,
        anyPlace,
        anyNonce,
        anyTampering,
        (identity, { key }, principal, after, nonce, by) => {
          const owner = { identity, principal };
          const text = sealPageCursor(owner, after, nonce);
          const tampered = tamper(text, by);
          if (tampered !== text) expect(openPageCursor(owner, tampered)).toBeUndefined();
          const others = [
            { identity: { key }, principal },
            { identity, principal: { ...principal, user: `${principal.user}2` } },
            { identity, principal: { ...principal, workspace: 'elsewhere' } },
          ];
          for (const other of others) expect(openPageCursor(other, text)).toBeUndefined();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('tells nothing of the place: neither the same one twice nor the next one look alike', () => {
    const owner = { identity: sampleLog, principal: { workspace: 'acme', user: 'alice' } };
    const made = (after: number, byte: number): string =>
      sealPageCursor(owner, after, Buffer.alloc(12, byte)).slice(16);
    expect(made(7, 1)).not.toBe(made(7, 2));
    expect(Buffer.from(made(7, 1), 'base64url').includes(7)).toBe(false);
  });
});
