import fc from 'fast-check';

/** How a request's cursor is made of one that a stream has given. */
export interface CursorPlan {
  /** How many frames ago the stream gave it. */
  readonly back: number;
  readonly change: 'none' | 'log' | 'segment' | 'change' | 'frame' | 'rights' | 'seal' | 'cut' | 'end';
  /** How much a number changes, or where the text is cut. */
  readonly by: number;
}

/** A cursor where a stream has given none yet: of no log, and of nobody. */
const noCursor = `${'0'.repeat(16)}.1.0.0.${'A'.repeat(16)}.${'A'.repeat(22)}`;

/**
 * Most are left as they are, so that what is behind them is tried: the reading of the log and the replay. Of the others
 * each is to be refused: the place is under a seal.
 */
export const cursorPlan: fc.Arbitrary<CursorPlan> = fc.record({
  back: fc.nat(40),
  change: fc.oneof(
    { weight: 10, arbitrary: fc.constant('none' as const) },
    { weight: 6, arbitrary: fc.constantFrom('segment' as const, 'change' as const, 'frame' as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        'log' as const,
        'rights' as const,
        'seal' as const,
        'cut' as const,
        'end' as const,
      ),
    },
  ),
  by: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: -60, max: 60 }) },
    fc.constant(999_999_999_999_999),
  ),
});

/**
 * Makes the cursor of a plan.
 * @param given what the stream has given so far.
 */
export function makeCursor({ back, change, by }: CursorPlan, given: readonly string[]): string {
  const cursor = given.at(-1 - (back % Math.max(1, given.length))) ?? noCursor;
  const [log = '', segment = '', index = '', frame = '', ...rest] = cursor.split('.');
  // Those of a stream that was opened since a time have the end of the past before the rights.
  const [rights = '', seal = ''] = rest.slice(-2);
  const past = rest.slice(0, -2);
  switch (change) {
    case 'none':
      return cursor;
    case 'log':
      return [by % 2 === 0 ? '0' : reversed(log), segment, index, frame, ...past, rights, seal].join('.');
    case 'segment':
      return [log, Number(segment) + by, index, frame, ...past, rights, seal].join('.');
    case 'change':
      return [log, segment, Number(index) + by, frame, ...past, rights, seal].join('.');
    case 'frame':
      return [log, segment, index, Number(frame) + by, ...past, rights, seal].join('.');
    case 'rights':
      return [log, segment, index, frame, ...past, reversed(rights), seal].join('.');
    case 'seal':
      return [log, segment, index, frame, ...past, rights, reversed(seal)].join('.');
    case 'cut':
      return cursor.slice(0, by);
    case 'end':
      return `${cursor}.end`;
  }
  return change satisfies never;
}

function reversed(text: string): string {
  return text.split('').toReversed().join('');
}
