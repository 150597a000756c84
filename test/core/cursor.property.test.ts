import fc from 'fast-check';
import { decodeCursor, encodeCursor, NO_LOG } from '../../core/cursor.ts';

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length });

const anyCursor = fc.record({
  log: hex(16),
  segment: fc.integer({ min: 1, max: 1e14 }),
  change: fc.nat(1e6),
  frame: fc.nat(1),
  rights: hex(12),
});

describe('the cursor', () => {
  it('comes back as it was given', () => {
    fc.assert(
      fc.property(anyCursor, (cursor) => {
        expect(decodeCursor(encodeCursor(cursor, cursor.rights))).toEqual(cursor);
      }),
    );
  });

  it('is safe in a URL and in a frame', () => {
    fc.assert(
      fc.property(anyCursor, (cursor) => {
        const text = encodeCursor(cursor, cursor.rights);
        expect(encodeURIComponent(text)).toBe(text);
        expect(text.length).toBeLessThanOrEqual(96);
      }),
    );
  });

  it('refuses whatever is not exactly a cursor, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9a-f.]*$/)), (text) => {
        const cursor = decodeCursor(text);
        expect(cursor === undefined || encodeCursor(cursor, cursor.rights) === text).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a number with a leading zero', '0123456789abcdef.01.0.0.0123456789ab'],
    ['segment 0, which is the head', '0123456789abcdef.0.0.0.0123456789ab'],
    ['a place in a log that is not there', `${NO_LOG}.2.0.0.0123456789ab`],
    ['a number beyond 15 digits', '0123456789abcdef.1234567890123456.0.0.0123456789ab'],
    ['a trailing newline', '0123456789abcdef.1.0.0.0123456789ab\n'],
    ['a negative number', '0123456789abcdef.-1.0.0.0123456789ab'],
  ])('refuses %s', (_, text) => {
    expect(decodeCursor(text)).toBeUndefined();
  });
});
