import { appendBatch } from '../../core/log/append.ts';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import { pageSegments } from '../../core/log/page-reader.ts';
import { MemoryLog, sampleLog } from './memory-log.ts';
import { VirtualClock } from './virtual-clock.ts';

const logName = sampleLog.log;
let sequence = 0;

async function append(log: MemoryLog): Promise<void> {
  sequence += 1;
  const changes = [{ kind: 'resync' as const, source: String(sequence), at: 0 }];
  const options = { now: Date.now, newLog: () => sampleLog, historySeconds: 86_400 };
  await appendBatch(log, { workspace: 'acme', stream: 's', changes }, options);
}

describe('the reader of segments', () => {
  it('costs a thousand waiting streams the reads of five, and gives all of them the same segments', async () => {
    const log = new MemoryLog();
    await append(log);
    const clock = new VirtualClock();
    const cache = new SegmentReader(log, { clock, random: () => 0.5, pollMinMs: 100, pollMaxMs: 500 });
    log.reads = 0;
    const waiting = Array.from({ length: 1000 }, () => cache.waitFor('acme', logName, 2, 10_000).result);
    await clock.sleep(1000);
    await append(log);
    const results = await Promise.all(waiting);
    expect(new Set(results.map((result) => result.kind === 'segments' && result.segments[0])).size).toBe(1);
    expect(results[0]).toMatchObject({ kind: 'segments', segments: [{ segment: 2 }] });
    // A second at a fifth of 100 ms, then 150, 225, 337.5 and 500: some 13 polls, and the append's own reads.
    expect(log.reads).toBeLessThan(20);
  });

  it('reads a place once, however many streams catch up from it', async () => {
    const log = new MemoryLog();
    for (let turn = 0; turn < 10; turn += 1) await append(log);
    log.pageSize = 4;
    const clock = new VirtualClock();
    const cache = new SegmentReader(log, { clock, random: () => 0.5, pollMinMs: 20, pollMaxMs: 100 });
    log.reads = 0;
    await Promise.all(Array.from({ length: 100 }, () => cache.read('acme', logName, 1)));
    expect(log.reads).toBe(1);
    const again = await cache.read('acme', logName, 2);
    expect(again).toMatchObject({
      kind: 'segments',
      segments: [{ segment: 2 }, { segment: 3 }, { segment: 4 }],
      units: 0,
    });
    expect(log.reads).toBe(1);
  });

  it('lets those who are behind read on, page by page, past what others have read', async () => {
    const log = new MemoryLog();
    const segments = 2 * pageSegments + 10;
    for (let turn = 0; turn < segments; turn += 1) await append(log);
    log.pageSize = pageSegments;
    const clock = new VirtualClock();
    const cache = new SegmentReader(log, { clock, random: () => 0.5, pollMinMs: 20, pollMaxMs: 100 });
    const readAll = async (to: number): Promise<number[]> => {
      const pages: number[] = [];
      for (let from = 1; from <= to;) {
        const result = await cache.read('acme', logName, from);
        if (result.kind !== 'segments') throw new Error(`nothing from ${from} on`);
        pages.push(result.segments.length);
        from += result.segments.length;
        expect(result.more || from > to).toBe(true);
      }
      return pages;
    };
    await readAll(pageSegments);
    // What is remembered is not the end of the log: who took it for that would wait for a poll.
    expect(await readAll(segments)).toEqual([pageSegments, pageSegments, 10]);
    expect(await readAll(segments)).toEqual([pageSegments, pageSegments, 10]);
    const waited = await cache.waitFor('acme', logName, 1, 1000).result;
    expect(waited).toMatchObject({ kind: 'segments', more: true });
    expect(waited.kind === 'segments' && waited.segments.length).toBe(pageSegments);
  });

  it('stops polling when nobody waits any more', async () => {
    const log = new MemoryLog();
    await append(log);
    const clock = new VirtualClock();
    const cache = new SegmentReader(log, { clock, random: () => 0.5, pollMinMs: 20, pollMaxMs: 100 });
    await expect(cache.waitFor('acme', logName, 2, 500).result).resolves.toMatchObject({ kind: 'none' });
    await clock.sleep(200);
    log.reads = 0;
    await clock.sleep(10_000);
    expect(log.reads).toBe(0);
  });

  it('keeps within its memory', async () => {
    const log = new MemoryLog();
    for (let turn = 0; turn < 10; turn += 1) await append(log);
    log.pageSize = 1;
    const clock = new VirtualClock();
    const options = { clock, random: () => 0.5, pollMinMs: 20, pollMaxMs: 100, cacheBytes: 100 };
    const cache = new SegmentReader(log, options);
    for (let from = 1; from <= 10; from += 1) await cache.read('acme', logName, from);
    log.reads = 0;
    await cache.read('acme', logName, 10);
    expect(log.reads).toBe(0);
    await cache.read('acme', logName, 1);
    expect(log.reads).toBe(1);
  });

  it('reads at half the cost, and consistently only what must be there and was not found', async () => {
    const log = new MemoryLog();
    for (let turn = 0; turn < 6; turn += 1) await append(log);
    log.pageSize = 10;
    const clock = new VirtualClock();
    const options = { clock, random: () => 0.5, pollMinMs: 20, pollMaxMs: 100, cacheBytes: 0 };
    const cache = new SegmentReader(log, options);
    const head = await cache.openHead('acme');
    const read = async (from: number, lag: number): Promise<unknown[]> => {
      log.lag = lag;
      const result = await cache.readBelow('acme', head, from);
      if (result.kind !== 'segments') return [result.kind];
      return [result.segments.map(({ segment }) => segment), result.more, result.units];
    };
    expect(await read(2, 0)).toEqual([[2, 3, 4, 5, 6], false, 2.5]);
    // What the copy that was read has not yet is not the end of the log.
    expect(await read(2, 2)).toEqual([[2, 3, 4], true, 1.5]);
    expect(await read(5, 2)).toEqual([[5, 6], false, 0.5 + 2]);
    expect(await read(7, 2)).toEqual(['none']);
    expect(await read(8, 2)).toEqual(['lost']);
    log.drop('acme', 3);
    expect(await read(3, 0)).toEqual(['lost']);
    expect(await cache.read('acme', logName, 3)).toEqual({ kind: 'lost', reason: 'history_expired' });
  });

  it('gives a reader no more than it asks for, and says that there is more', async () => {
    const log = new MemoryLog();
    for (let turn = 0; turn < 6; turn += 1) await append(log);
    log.pageSize = 10;
    const clock = new VirtualClock();
    const cache = new SegmentReader(log, { clock, random: () => 0.5, pollMinMs: 20, pollMaxMs: 100 });
    // The second time from memory.
    for (const _ of [1, 2]) {
      const result = await cache.read('acme', logName, 2, 3);
      expect(result).toMatchObject({ kind: 'segments', more: true });
      expect(result.kind === 'segments' && result.segments).toHaveLength(3);
    }
  });
});
