import fc from 'fast-check';
import type { TaskChange } from '../../core/log/change.ts';
import { deriveChange, largestChangeBytes } from '../../core/log/change.ts';
import { decodeBody, encodeBody, segmentBytes, splitIntoSegments } from '../../core/log/segment.ts';
import { eventsFor } from '../../core/subscription/events.ts';
import { encodeData } from '../../protocol/json.ts';
import { largestTaskBytes } from '../../core/task/size.ts';
import { readTask } from '../../core/task/task.ts';
import { allOf, anyChange, sampleTask } from './task-samples.ts';

const origin = { source: '17', at: 1000 };
const item = (fields: object = {}): Record<string, unknown> => ({
  workspace: 'acme',
  ...sampleTask(),
  ...fields,
});

describe('deriving a change', () => {
  it('keeps the new image and, of the old one, only what visibility, filters and status need', () => {
    const before = item();
    const after = item({ status: 'done', secret: 'not a task field' });
    expect(deriveChange({ ...origin, before, after })).toEqual({
      kind: 'task',
      ...origin,
      task: 1,
      before: {
        status: 'inbox',
        assigned_to_agent: false,
        visibility: 'workspace',
        created_by: 'alice',
        assignees: [],
      },
      after: sampleTask({ status: 'done' }),
    });
  });

  it('keeps what the request was called that wrote the task', () => {
    const mark = (version: number, name: string): object => ({ version, correlation: `${version} ${name}` });
    const correlationOf = (before: object | undefined, after: object): unknown => {
      const change = deriveChange({ ...origin, before: before && item(before), after: item(after) });
      return (change as TaskChange).correlation;
    };
    expect(correlationOf(undefined, mark(1, 'a'))).toBe('a');
    expect(correlationOf(mark(1, 'a'), { ...mark(2, 'a'), name: 'other' })).toBe('a');
    // Written past the API: the mark is that of the write before.
    expect(correlationOf(mark(1, 'a'), { ...mark(1, 'a'), name: 'other' })).toBeUndefined();
    expect(correlationOf(mark(1, 'a'), { ...mark(1, 'a'), version: 2 })).toBeUndefined();
    // A script may have written anything there.
    expect(correlationOf(undefined, { correlation: '1' })).toBeUndefined();
    expect(correlationOf(undefined, { correlation: 7 })).toBeUndefined();
    expect(correlationOf(undefined, mark(1, 'x'.repeat(65)))).toBeUndefined();
    expect(correlationOf(undefined, mark(1, 'a b'))).toBeUndefined();
  });

  it.each([
    ['a write that changes nothing', item(), item()],
    ['a write to a field that clients do not see', item(), item({ colour: 'red' })],
    ['a record without images', undefined, undefined],
    ['an item that could not be read before either', item({ status: 'lost' }), item({ status: 'gone' })],
  ])('gives nothing for %s', (_, before, after) => {
    expect(deriveChange({ ...origin, before, after })).toBeUndefined();
  });

  it.each([
    ['a status that is none', item({ status: 'lost' })],
    ['a visibility that is none', item({ visibility: 'Private' })],
    ['assignees that are no list of users', item({ assignees: ['a b'] })],
    ['an id that is no whole number', item({ id: 1.5 })],
    ['an image that JavaScript cannot hold', 'unreadable' as const],
    ['an image too large for the log', item({ description: 'x'.repeat(largestChangeBytes) })],
  ])('makes %s a resync in its place', (_, after) => {
    expect(deriveChange({ ...origin, before: item(), after })).toEqual({ kind: 'resync', ...origin });
  });

  it.each(['x', '\u0001', '\u0085', '\u2028', '"', 'é', '👍'])(
    'never gives an event of a task too large for a line of 64 KiB: %j',
    (character) => {
      const root = { workspace: 'acme', user: 'root', admin: true };
      const bytes = (length: number): number => {
        const after = item({ id: 2 ** 53 - 1, status: 'in_progress', description: character.repeat(length) });
        const change = deriveChange({ ...origin, before: { ...after, status: 'in_review' }, after });
        if (change?.kind !== 'task') return 0;
        const lines = eventsFor(change, allOf(root)).map((event) => `data: ${encodeData(event)}\n`);
        return Math.max(...lines.map((line) => Buffer.byteLength(line)));
      };
      let [told, reload] = [1, largestTaskBytes];
      while (reload - told > 1) {
        const middle = (told + reload) >> 1;
        if (bytes(middle) > 0) told = middle;
        else reload = middle;
      }
      expect(bytes(told)).toBeGreaterThan(58_000);
      expect(bytes(told)).toBeLessThanOrEqual(60_000);
    },
  );

  it('never throws, whatever an item holds', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(sampleTask()), 'x'), fc.anything()),
        (after) => {
          expect(() => deriveChange({ ...origin, after })).not.toThrow();
        },
      ),
    );
  });
});

describe('the time of an event', () => {
  const anna = { workspace: 'acme', user: 'anna', admin: false };
  const second = Date.parse('2026-01-01T00:00:30.000Z');
  const timestamps = (change: object): string[] =>
    eventsFor({ ...change, at: second } as TaskChange, allOf(anna)).map(({ timestamp }) => timestamp);

  it.each([
    ['2026-01-01T00:00:30.890Z', '2026-01-01T00:00:30.890Z'],
    ['2026-01-01T00:00:29.890Z', '2026-01-01T00:00:30.000Z'],
    ['2026-01-01T00:00:31Z', '2026-01-01T00:00:31.000Z'],
    ['2026-01-01T02:00:31+02:00', '2026-01-01T00:00:31.000Z'],
    ['2026-01-01', '2026-01-01T00:00:30.000Z'],
    ['yesterday', '2026-01-01T00:00:30.000Z'],
    ['9999-99-99T99:99:99.999Z', '2026-01-01T00:00:30.000Z'],
    [null, '2026-01-01T00:00:30.000Z'],
  ])('is never before that of its task: %s', (updated_at, expected) => {
    const before = item({ status: 'done', updated_at: '2026-01-01T00:00:30.500Z' });
    const after = item({ updated_at });
    expect(timestamps(deriveChange({ ...origin, before, after })!)).toEqual([expected, expected]);
    expect(timestamps(deriveChange({ ...origin, after })!)).toEqual([expected]);
    expect(timestamps(deriveChange({ ...origin, before: after })!)).toEqual([expected]);
  });
});

describe('reading a task', () => {
  it('takes one of the status archived for archived, whatever the flag says', () => {
    expect(readTask(item({ status: 'archived', archived: false }))).toMatchObject({ archived: true });
    expect(readTask(item({ status: 'done', archived: true }))).toMatchObject({
      status: 'done',
      archived: true,
    });
  });

  it('fills in what a raw write left out, and takes a string set for a list', () => {
    expect(readTask({ workspace: 'acme', id: 7, name: 'raw', assignees: new Set(['bob']) })).toEqual({
      ...sampleTask({ id: 7, name: 'raw', assignees: ['bob'] }),
      created_by: null,
      created_at: null,
      updated_at: null,
      updated_by: null,
      version: 0,
    });
  });
});

describe('a segment body', () => {
  it('comes back as it was, compressed or not', () => {
    fc.assert(
      fc.property(fc.array(anyChange('1'), { maxLength: 30 }), (changes) => {
        const { body, deflated } = encodeBody(changes);
        expect(decodeBody(body, deflated)).toEqual(JSON.parse(JSON.stringify(changes)));
      }),
    );
  });

  it('holds every change once, in order, and no more than its size unless one change alone is larger', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(segmentBytes * 1.5), { maxLength: 20 }), (sizes) => {
        const changes = sizes.map((size, index) => ({
          kind: 'task' as const,
          source: String(index),
          at: 0,
          task: 1,
          after: sampleTask({ name: 'x'.repeat(size) }),
        }));
        const runs = splitIntoSegments(changes);
        expect(runs.flat()).toEqual(changes);
        for (const run of runs) {
          const bytes = run.reduce((sum, change) => sum + JSON.stringify(change).length, 0);
          expect(bytes <= segmentBytes || run.length === 1).toBe(true);
          expect(run.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 50 },
    );
  });
});
