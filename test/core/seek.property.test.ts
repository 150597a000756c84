import fc from 'fast-check';
import { seek } from '../../core/log/seek.ts';
import type { Head, Segment } from '../../core/log/segment.ts';
import { isKept } from '../../core/log/segment.ts';
import type { ReadStore } from '../../core/log/read-store.ts';

const log = 'fedcba9876543210';
const depthSeconds = 100;

/** Segments at the given times, which do not run backwards; the first so many are deleted already. */
function storeOf(
  times: readonly number[],
  deleted: number,
): {
  head: Head;
  segments: readonly Segment[];
  store: Pick<ReadStore, 'readSegments'>;
  probes: () => number;
} {
  const segments = times.map((at, index) => ({
    log,
    segment: index + 1,
    stream: 's',
    at,
    expires: Math.ceil(at / 1000) + depthSeconds,
    changes: [],
  }));
  let probes = 0;
  return {
    head: { log, last: times.length, follows: undefined, newest: 0, at: times.at(-1) ?? 0 },
    segments,
    store: {
      readSegments: async (_, from, { most }) => {
        probes += 1;
        const found = segments.slice(deleted).filter(({ segment }) => segment >= from);
        return { segments: found.slice(0, most), more: false, units: 0.5 };
      },
    },
    probes: () => probes,
  };
}

/** A log as it may be at a time: nothing is deleted before it has expired, and TTL is late. */
const anyLog = fc
  .record({
    pauses: fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 200 }),
    since: fc.integer({ min: -20_000, max: 320_000 }),
    late: fc.nat(),
    quietMs: fc.integer({ min: 0, max: 150_000 }),
  })
  .map(({ pauses, since, late, quietMs }) => {
    let at = 1_000_000;
    const times = pauses.map((pause) => (at += pause));
    const now = at + quietMs;
    const expired = times.filter((time) => Math.ceil(time / 1000) + depthSeconds <= now / 1000).length;
    return { times, now, since: now - since, deleted: late % (expired + 1) };
  });

describe('a search for a time in a log', () => {
  it('finds the first segment that is kept and not older, and knows whether anything since is gone', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, async ({ times, now, since, deleted }) => {
        const { head, segments, store, probes } = storeOf(times, deleted);
        const found = await seek(store, 'acme', head, since, now);
        const wanted = segments.find((segment) => isKept(segment, now) && segment.at >= since);
        expect(found.segment).toBe(wanted?.segment ?? times.length + 1);
        const lost = segments.some((segment) => segment.at >= since && !isKept(segment, now));
        // What has expired is older than its depth: of nothing that is older can anybody say that it was never there.
        if (lost) expect(found.isComplete).toBe(false);
        if (since >= now - depthSeconds * 1000) expect(found.isComplete).toBe(true);
        if (deleted === 0 && !lost) expect(found.isComplete).toBe(true);
        expect(probes()).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(times.length + 2)) + 1);
        expect(found.units).toBe(probes() * 0.5);
      }),
      { numRuns: 1000 },
    );
  });
});
