import fc from 'fast-check';
import type { Endpoint } from './endpoints.ts';
import { nasty, text, valueOf } from './values.ts';

function asBytes(json: string): Buffer {
  return Buffer.from(json);
}

/** The body of a request to an endpoint, if it has one. */
export function bodyOf({ fields = [] }: Endpoint): fc.Arbitrary<Buffer | undefined> {
  const entries = fields.map((field) => [field, valueOf(field)] as const);
  const sensible = fc
    .record(Object.fromEntries(entries), { requiredKeys: fields.slice(0, 1) })
    .map((value) => JSON.stringify(value));
  const odd = fc.oneof(
    fc.json({ maxDepth: 4, stringUnit: 'binary' }),
    fc.tuple(sensible, fc.nat(60)).map(([json, length]) => json.slice(0, length)),
    fc.tuple(nasty, text).map(([name, value]) => JSON.stringify({ name: 'x', [name]: value })),
    fc.integer({ min: 1, max: 20_000 }).map((depth) => '[{"a":'.repeat(depth % 4000)),
    fc.integer({ min: 1, max: 30_000 }).map((depth) => `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  );
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
  const large = fc.constantFrom(65_536, 70_000, 300_000).map((length) => Buffer.alloc(length, 'x'));
  const none = fc.constant(undefined);
  if (fields.length === 0) return fc.oneof({ weight: 9, arbitrary: none }, odd.map(asBytes), bytes);
  return fc.oneof(
    { weight: 40, arbitrary: sensible.map(asBytes) },
    { weight: 10, arbitrary: odd.map(asBytes) },
    { weight: 4, arbitrary: bytes },
    { weight: 2, arbitrary: none },
    { weight: 1, arbitrary: large },
  );
}
