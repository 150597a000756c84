import fc from 'fast-check';
import {
  isTerminal,
  markReturn,
  markTerminal,
  returnMarkOf,
  shortId,
  withoutReturnMark,
} from '../../protocol/cursor.ts';

const cursor = '0123456789abcdef.1.2.3.0123456789ab';

describe('the mark of a client that comes back', () => {
  it('says of which stream, and since when the client is there; the cursor stays what it was', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 0, max: 4e12 }), (id, born) => {
        const marked = markReturn(cursor, id, born);
        expect(returnMarkOf(marked)).toEqual({ after: shortId(id), born });
        expect(withoutReturnMark(marked)).toBe(cursor);
        expect(marked).toMatch(/^[a-z0-9.-]+$/);
        expect(isTerminal(marked)).toBe(false);
      }),
    );
  });

  it.each([cursor, '', markTerminal(cursor), `${cursor}.after-`, `${cursor}.after-012345678-1`])(
    'is none: %s',
    (text) => {
      expect(returnMarkOf(text)).toBeUndefined();
      expect(withoutReturnMark(text)).toBe(text);
    },
  );
});
