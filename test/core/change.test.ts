import fc from 'fast-check';
import { deriveChange, LARGEST_CHANGE_BYTES } from '../../core/change.ts';
import { decodeBody, encodeBody, SEGMENT_BYTES, splitIntoSegments } from '../../core/log/segment.ts';
import { readTask } from '../../core/task/task.ts';
import { anyChange, sampleTask } from './task-samples.ts';

const origin = { source: '17', at: 1000 };
const item = (fields: object = {}): Record<string, unknown> => ({
  workspace: 'acme',
  ...sampleTask(),
  ...fields,
});

describe('deriving a change', () => {
  it('keeps the new image and, of the old one, only what visibility and status need', () => {
    const before = item();
    const after = item({ status: 'done', secret: 'not a task field' });
    expect(deriveChange({ ...origin, before, after })).toEqual({
      kind: 'task',
      ...origin,
      task: 1,
      before: { status: 'inbox', visibility: 'workspace', created_by: 'alice', assignees: [] },
      after: sampleTask({ status: 'done' }),
    });
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
    ['an image too large for the log', item({ description: 'x'.repeat(LARGEST_CHANGE_BYTES) })],
  ])('makes %s a resync in its place', (_, after) => {
    expect(deriveChange({ ...origin, before: item(), after })).toEqual({ kind: 'resync', ...origin });
  });

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

describe('reading a task', () => {
  it('fills in what a raw write left out, and takes a string set for a list', () => {
    expect(readTask({ workspace: 'acme', id: 7, name: 'raw', assignees: new Set(['bob']) })).toEqual({
      ...sampleTask({ id: 7, name: 'raw', assignees: ['bob'] }),
      created_by: null,
      created_at: null,
      updated_at: null,
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
      fc.property(fc.array(fc.nat(SEGMENT_BYTES * 1.5), { maxLength: 20 }), (sizes) => {
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
          expect(bytes <= SEGMENT_BYTES || run.length === 1).toBe(true);
          expect(run.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 50 },
    );
  });
});
