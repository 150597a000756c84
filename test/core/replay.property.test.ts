import fc from 'fast-check';
import type { Change } from '../../core/log/change.ts';
import { CursorSeal, startOf } from '../../core/log/cursor.ts';
import { withoutReturnMark } from '../../protocol/cursor.ts';
import { replayUnits, ReplayPace } from '../../core/session/replay-pace.ts';
import { parseFrames } from './event-stream.ts';
import { append, expected, received } from './histories.ts';
import { MemoryLog, sampleLog } from './memory-log.ts';
import { alice, open } from './open-session.ts';
import { sampleTask } from './task-samples.ts';

const beginning = new CursorSeal(sampleLog, alice).seal(startOf(sampleLog.log, 1));

/** A log of so many segments, each of one change, whose reading costs so much each. */
async function logOf(
  segments: number,
  unitsPerSegment: number,
): Promise<{ log: MemoryLog; changes: readonly Change[] }> {
  const log = new MemoryLog();
  log.pageSize = 64;
  log.unitsPerSegment = unitsPerSegment;
  const changes = Array.from({ length: segments }, (_, index): Change => {
    const id = index + 1;
    return { kind: 'task', source: String(id), at: 0, task: id, after: sampleTask({ id }) };
  });
  await append(log, changes, [1]);
  return { log, changes };
}

describe('the pace of a replay', () => {
  it('is bounded in all, and in each second, whatever the pages cost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.5, max: 128, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (costs) => {
          const pace = new ReplayPace();
          let [now, total, dearest] = [0, 0, 0];
          for (const units of costs) {
            if (pace.isSpent) break;
            now += pace.waitMs(now);
            pace.spendOnSegments(units, now);
            total += units;
            dearest = Math.max(dearest, units);
            expect(total).toBeLessThanOrEqual(16 + dearest + (now / 1000) * 32 + 1e-6);
            expect(pace.most).toBeGreaterThanOrEqual(1);
            expect(pace.most).toBeLessThanOrEqual(64);
          }
          expect(total).toBeLessThan(replayUnits + dearest);
        },
      ),
    );
  });

  it('makes nobody wait for what costs little', () => {
    const pace = new ReplayPace();
    for (let page = 0; page < 16; page += 1) {
      expect(pace.waitMs(0)).toBe(0);
      pace.spendOnSegments(1, 0);
    }
    expect(pace.most).toBe(64);
  });
});

describe('a session that is far behind', () => {
  it.each([
    [0.5, 3000],
    [2, 1000],
    [8, 200],
  ])(
    'reads a bounded amount, whether its client is there or not: segments of %d units',
    async (units, count) => {
      const { log } = await logOf(count, units);
      log.units = 0;
      // Whatever is written to a client that is gone seems to arrive.
      const { session, clock, text } = open(log, () => undefined, { cursor: beginning, cacheBytes: 0 });
      const begin = clock.now();
      await session.open();
      await expect(session.run()).resolves.toBe('catching_up');
      expect(log.units).toBeGreaterThanOrEqual(replayUnits);
      expect(log.units).toBeLessThanOrEqual(replayUnits + 16);
      expect(clock.now() - begin).toBeGreaterThanOrEqual(((replayUnits - 32) / 32) * 1000);
      const end = parseFrames(text()).at(-1)!;
      expect(end).toMatchObject({ event: 'end', data: '{"reason":"catching_up","reconnect":true}' });
      expect(text()).toMatch(/retry: 150\n[^]*$/);
    },
  );

  it('reads little before its first byte has gone out', async () => {
    const { log } = await logOf(400, 8);
    log.units = 0;
    const { session } = open(log, () => undefined, { cursor: beginning, cacheBytes: 0 });
    await session.open();
    expect(log.units).toBeLessThanOrEqual(4 * 8);
  });

  it('stops at once where the host knows that its client is gone', async () => {
    const { log } = await logOf(400, 2);
    log.units = 0;
    const broken = Promise.withResolvers<void>();
    const { session } = open(
      log,
      () => {
        broken.resolve();
        return undefined;
      },
      { cursor: beginning, cacheBytes: 0, broken: broken.promise },
    );
    await session.open();
    await expect(session.run()).resolves.toBe('disconnected');
    expect(log.units).toBeLessThanOrEqual(4 * 2);
  });

  it('gets everything, once and in order, when it comes back as often as it is asked to', async () => {
    const { log, changes } = await logOf(300, 2);
    let cursor = beginning;
    const all: unknown[] = [];
    let streams = 0;
    for (let reason = 'catching_up'; reason === 'catching_up'; streams += 1) {
      const { session, text } = open(log, () => undefined, { cursor, cacheBytes: 0, sessionMs: 60_000 });
      await session.open();
      reason = await session.run();
      const frames = parseFrames(text());
      expect(frames[1]).toMatchObject({ event: 'resume', data: '{"complete":true}' });
      all.push(...received(text()));
      cursor = withoutReturnMark(frames.at(-1)!.id!);
    }
    expect(all).toEqual(expected(changes, alice));
    expect(streams).toBeGreaterThan((300 * 2) / (replayUnits + 16));
    expect(streams).toBeLessThan((300 * 2) / replayUnits + 2);
  });

  it('stays when it has caught up, however much happens then', async () => {
    const { log } = await logOf(10, 1);
    let live: readonly Change[] = [];
    const { session, text } = open(
      log,
      (chunk) => {
        if (!chunk.includes('"taskId":10,') || live.length > 0) return undefined;
        live = Array.from({ length: 200 }, (_, index): Change => {
          const id = 11 + index;
          return { kind: 'task', source: String(id), at: 0, task: id, after: sampleTask({ id }) };
        });
        return append(log, live, [1]);
      },
      { cursor: beginning, cacheBytes: 0, sessionMs: 60_000 },
    );
    await session.open();
    await expect(session.run()).resolves.toBe('session_length');
    expect(received(text())).toHaveLength(210);
  });
});
