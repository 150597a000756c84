import fc from 'fast-check';
import type { Viewer } from '../../protocol/awareness.ts';
import { snapshotOf } from '../../core/awareness/awareness.ts';
import type { PresenceRecord, View } from '../../core/awareness/presence.ts';
import { presenceOf, withoutExpired, withView } from '../../core/awareness/presence.ts';

const now = Date.UTC(2026, 0, 1);

const view = (facts: Partial<View> = {}): View => ({
  state: 'active',
  until: now + 60_000,
  at: now,
  ...facts,
});

/** A record after its pages have said something, one after another, a second apart. */
function recordOf(...said: readonly (readonly [viewId: string, view: View | undefined])[]): PresenceRecord {
  let record: PresenceRecord | undefined;
  for (const [index, [viewId, each]] of said.entries()) {
    const at = now + index * 1000;
    record = withView(record, 'ana', viewId, each && { ...each, at }, at);
  }
  return record!;
}

describe('the presence of a user', () => {
  it('is active where one page is, at the tasks of all active pages, in order', () => {
    const record = recordOf(
      ['a', view({ task: 9 })],
      ['b', view({ task: 7 })],
      ['c', view({ state: 'hidden', task: 3 })],
      ['d', view({ task: 9 })],
    );
    expect(presenceOf(record)).toEqual({ state: 'active', tasks: [7, 9], since: now });
  });

  it('is hidden where every page is', () => {
    const record = recordOf(['a', view({ task: 7 })], ['a', view({ state: 'hidden', task: 7 })]);
    expect(presenceOf(record)).toEqual({ state: 'hidden', tasks: [], since: now });
  });

  it('is of the pages whose lease runs', () => {
    const record = recordOf(['a', view({ task: 7, until: now + 5000 })], ['b', view({ state: 'hidden' })]);
    expect(presenceOf(withoutExpired(record, now + 4999))?.tasks).toEqual([7]);
    expect(presenceOf(withoutExpired(record, now + 5000))).toMatchObject({ state: 'hidden', tasks: [] });
    expect(presenceOf(withoutExpired(record, now + 60_000))).toBeUndefined();
  });

  it('begins anew after a break, and not with another page', () => {
    const record = recordOf(['a', view({ until: now + 5000 })], ['b', view({ until: now + 5000 })]);
    const later = withView(record, 'ana', 'a', view({ until: now + 90_000 }), now + 6000);
    expect([record.since, later?.since]).toEqual([now, now + 6000]);
  });

  it('keeps the 20 pages that have said something last', () => {
    const pages = Array.from(
      { length: 30 },
      (_, index) => [`p${index}`, view({ until: now + 60_000 - index })] as const,
    );
    const record = recordOf(...pages);
    expect(Object.keys(record.views)).toHaveLength(20);
    expect(record.views).toHaveProperty('p29');
    expect(record.views).not.toHaveProperty('p9');
  });

  it('has a later revision with each change, also where clocks go back, and the same with a renewal', () => {
    const first = withView(undefined, 'ana', 'a', view(), now)!;
    const renewed = withView(first, 'ana', 'a', view({ until: now + 90_000 }), now + 1000)!;
    const gone = withView(renewed, 'ana', 'a', undefined, now - 500)!;
    const back = withView(gone, 'ana', 'b', view(), now - 500)!;
    expect([first, renewed, gone, back].map(({ revision }) => revision - now)).toEqual([0, 0, 1, 2]);
  });

  it('is not held by what a page said as it was hidden that comes after that it has left', () => {
    const hidden = view({ state: 'hidden' });
    const said = recordOf(['a', view()], ['a', undefined], ['a', hidden]);
    expect(presenceOf(said)).toBeUndefined();
    // A page that is shown again, from a cache of the browser for example, counts at once; and later any word of it does.
    expect(presenceOf(withView(said, 'ana', 'a', view(), now + 3000))).toBeDefined();
    expect(presenceOf(withView(said, 'ana', 'a', hidden, now + 6001))).toBeDefined();
    expect(presenceOf(withView(said, 'ana', 'b', hidden, now + 3000))).toBeDefined();
  });

  it('is told again where others may see a task that is open, or may no more', () => {
    const facts = { visibility: 'workspace', created_by: 'bob', assignees: [] } as const;
    const told = { ...recordOf(['a', view({ task: 7 })]), told: [{ id: 7, facts }] };
    const renewed = (visibility: 'workspace' | 'private'): number =>
      withView(told, 'ana', 'a', view({ task: 7 }), now + 1000, { id: 7, facts: { ...facts, visibility } })!
        .revision;
    expect([renewed('workspace'), renewed('private')]).toEqual([told.revision, now + 1000]);
  });

  it('can be told 40 times at once, and then twice a second', () => {
    let record: PresenceRecord | undefined;
    const say = (at: number): boolean => {
      const next = withView(record, 'ana', 'a', view(), at);
      record = next ?? record;
      return next !== undefined;
    };
    expect(Array.from({ length: 41 }, () => say(now))).toEqual([...Array<boolean>(40).fill(true), false]);
    expect([say(now + 499), say(now + 500), say(now + 500), say(now + 1000)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});

it('a snapshot has every viewer once, in frames of which only the last says so', () => {
  const anyViewer: fc.Arbitrary<Viewer> = fc.record({
    userId: fc.string({ minLength: 1, maxLength: 128 }),
    state: fc.constantFrom('active', 'hidden'),
    tasks: fc.array(fc.nat(), { maxLength: 20 }),
    since: fc.constant(new Date(now).toISOString()),
  });
  fc.assert(
    fc.property(fc.array(anyViewer, { maxLength: 600, size: 'max' }), (viewers) => {
      const frames = snapshotOf(viewers, now);
      expect(frames.flatMap((frame) => (frame.type === 'presence.snapshot' ? frame.viewers : []))).toEqual(
        viewers,
      );
      expect(frames.map((frame) => frame.type === 'presence.snapshot' && frame.last)).toEqual([
        ...frames.slice(1).map(() => false),
        true,
      ]);
      for (const frame of frames) expect(JSON.stringify(frame).length).toBeLessThan(64 * 1024);
    }),
    { numRuns: 30 },
  );
});
