import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { viewStates } from '../../protocol/awareness.ts';
import { taskEventTypes } from '../../protocol/events.ts';
import { leaseSeconds } from '../../protocol/parameters.ts';
import { taskStatuses, visibilities } from '../../protocol/task.ts';
import { Documents } from '../traffic/documents.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');
type Json = Readonly<Record<string, unknown>>;
const readJson = (name: string): Json => JSON.parse(readFileSync(join(docs, name), 'utf8')) as Json;
const openapi = readJson('openapi.json');
/** The documents of the repository. */
export const documents = new Documents(openapi, readJson('asyncapi.json'));

/** Whether a reader takes something: it throws, or gives what is wrong, where it does not. */
export function accepts(read: () => unknown): boolean {
  try {
    const result = read();
    return !(typeof result === 'object' && result !== null && 'code' in result);
  } catch {
    return false;
  }
}

/** Values of any kind, and many near what is taken. */
export const anyText = fc.oneof(
  fc.string({ maxLength: 8, unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '\u200b',
    '\ud800',
    'a',
    'true',
    'false',
    '0',
    '7',
    '007',
    '1.5',
    '-1',
    'x'.repeat(201),
  ),
  fc.constantFrom(...taskStatuses, ...taskEventTypes, ...visibilities),
);
export const anyNumber = fc.oneof(
  fc.integer({ min: -2, max: 120 }),
  fc.constantFrom(0.5, 1e15, 999_999_999_999_999, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1, -0),
);
export const anyScalar = fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(null));
export const anyValue = fc.oneof(anyScalar, fc.array(anyScalar, { maxLength: 3 }), fc.constant({ a: 1 }));

/** Mostly what is taken, so that whole objects of it come about. */
export const mostly = (taken: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: taken }, { weight: 1, arbitrary: anyValue });

/** Objects with some fields, some that lack one they need or have one that nobody knows, and other values. */
export const objectsOf = (
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  requiredKeys: string[],
): fc.Arbitrary<unknown> => {
  const withMore: typeof fields = { ...fields, colour: anyValue };
  return fc.oneof(
    { weight: 6, arbitrary: fc.record(fields, { requiredKeys }) },
    { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.record(withMore, { requiredKeys: ['colour', ...requiredKeys] }) },
    { weight: 1, arbitrary: anyValue },
  );
};

/** What a page says of itself, and who types. */
export const viewFields = {
  viewId: mostly(
    fc.oneof(
      fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom('a', 'Z', '0', '-', '_') }),
      fc.constantFrom('v'.repeat(64), 'v'.repeat(65)),
    ),
  ),
  state: mostly(fc.constantFrom(...viewStates)),
  taskId: mostly(fc.constantFrom(1, 7, Number.MAX_SAFE_INTEGER, null)),
  lease: mostly(
    fc.oneof(
      fc.integer({ min: leaseSeconds.least, max: leaseSeconds.most }),
      fc.constantFrom(leaseSeconds.least - 1, leaseSeconds.most + 1),
    ),
  ),
};
export const typingFields = { typing: mostly(fc.boolean()) };

export const lists = (values: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: anyText }),
      { minLength: 1, maxLength: 3 },
    )
    .map((each) => each.join(','));
export const digits = fc.oneof(fc.integer({ min: 0, max: 1100 }).map(String), anyText);
export const times = fc.oneof(
  fc.constantFrom(
    '2026-11-27T12:00:00Z',
    '2026-11-27T12:00:00.5 01:00',
    '2026-13-27T12:00Z',
    '2026-11-27',
    '1795780800000',
    '1'.repeat(15),
    '1'.repeat(16),
  ),
  fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
    .map((date) => date.toISOString()),
  anyText,
);
export const flags = fc.oneof(fc.constantFrom('true', 'false'), anyText);
export const ids = lists(['1', '7', ' 9', '9007199254740993', '9007199254740991']);

/** `unsaid.times`: it has the form of a time, and there is none. */
export const isNoTime = (text: string): boolean => Number.isNaN(Date.parse(text.replace(' ', '+')));

/**
 * Holds a reader and a schema to each other.
 * @param isUnsaid whether what the reader refuses, and the schema does not, is among `unsaid`.
 */
export function expectSame<Value>(
  values: fc.Arbitrary<Value>,
  read: (value: Value) => unknown,
  faultsOf: (value: Value) => string[],
  isUnsaid: (value: Value) => boolean = () => false,
): void {
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(values, (value) => {
      const isTaken = accepts(() => read(value));
      const faults = faultsOf(value);
      seen[isTaken ? 'taken' : 'refused'] += 1;
      if (isTaken) expect(faults).toEqual([]);
      else if (faults.length === 0)
        expect({ value, isUnsaid: isUnsaid(value) }).toEqual({ value, isUnsaid: true });
    }),
    { numRuns: 500 },
  );
  // Else the property says nothing.
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(10);
}
