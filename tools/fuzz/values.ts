import { taskEventTypes } from '../../protocol/events.ts';
import fc from 'fast-check';

/**
 * What stands in a request for values that are known when it is sent: of the kept stream that it is about, and its token.
 */
export const placeNames = {
  connectionId: 'KEPT-STREAM',
  user: 'KEPT-USER',
  cursor: 'KEPT-CURSOR',
  token: 'OWN-TOKEN',
  moment: 'A-MOMENT-AGO',
} as const;

/** Text that has broken something somewhere before. */
const nastyTexts = [
  '',
  '\0',
  '\r\n',
  '\n\ndata: {}\n\n',
  '\u2028',
  '\ud800',
  '\uFEFF',
  '__proto__',
  'constructor',
  'toString',
  '../..',
  '#',
  "' OR 1=1 --",
  '${7*7}',
  '-1',
  '1e308',
  '9007199254740993',
  'NaN',
  'null',
  'after:0',
];

/** One of these texts. */
export const nasty = fc.constantFrom(...nastyTexts);
/** Any text, and such text. */
export const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), nasty);

const cursor = fc.oneof(
  { weight: 12, arbitrary: fc.constant(placeNames.cursor) },
  fc.constant('0.1.0.0.000000000000'),
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.nat(3))
    .map((numbers) => `0123456789abcdef.${numbers.join('.')}.0123456789ab`),
);

/** Times around now, before and long after all that was ever logged, and texts that look like a time. */
const time = fc.oneof(
  { weight: 6, arbitrary: fc.constant(placeNames.moment) },
  fc.constantFrom(
    '0',
    '1',
    '999999999999999',
    '2026-02-30T00:00:00Z',
    '2026-11-27T13:00:00 01:00',
    '+010000-01-01',
  ),
);

/** Values that a field or parameter may take, by its name; any text and any JSON come beside them. */
const sensibleValues: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: fc.string({ minLength: 1, maxLength: 60 }),
  description: fc.option(fc.string({ unit: 'grapheme', maxLength: 200 })),
  status: fc.constantFrom('inbox', 'up_next', 'in_progress', 'in_review', 'done', 'archived'),
  priority: fc.integer({ min: 0, max: 100 }),
  assignees: fc.array(fc.constantFrom('user-0', 'user-1', 'a#b', '%23', '..'), { maxLength: 4 }),
  visibility: fc.constantFrom('workspace', 'private'),
  events: fc.subarray([...taskEventTypes], { minLength: 1 }).map((types) => types.join()),
  tasks: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }).map((ids) => ids.join()),
  types: fc.subarray([...taskEventTypes], { minLength: 1 }).map((types) => types.join()),
  order: fc.constantFrom('oldest', 'newest'),
  limit: fc.integer({ min: 1, max: 20 }),
  cursor: fc.oneof(
    fc.uint8Array({ minLength: 35, maxLength: 37 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
    cursor,
  ),
  named: fc.constantFrom('true', 'false'),
  lease: fc.integer({ min: 5, max: 310 }),
  connectionId: fc.oneof({ weight: 4, arbitrary: fc.constant(placeNames.connectionId) }, fc.uuid()),
  token: fc.constant(placeNames.token),
  ticket: fc.constant(placeNames.token),
  // Nobody of the people who send requests: whoever is revoked is let in no more.
  userId: fc.oneof(
    { weight: 1, arbitrary: fc.constant(placeNames.user) },
    { weight: 2, arbitrary: fc.nat(50).map((number) => `revoked-${number}`) },
  ),
  lastEventId: cursor,
  since: fc.oneof(cursor, time),
};

/** What a field or parameter of that name is given. */
export function valueOf(name: string): fc.Arbitrary<unknown> {
  const sensible = sensibleValues[name] ?? fc.boolean();
  return fc.oneof(
    { weight: 40, arbitrary: sensible },
    { weight: 1, arbitrary: text },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }) },
  );
}

/** A piece of a URL: encoded as it should be, encoded byte by byte, or not at all. */
export const piece: fc.Arbitrary<string> = fc.oneof(
  text.map((value) => encodeURIComponent(value.toWellFormed())),
  fc
    .uint8Array({ maxLength: 8 })
    .map((bytes) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')),
  fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 12,
  }),
);
