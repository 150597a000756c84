import type { ReadStore } from '../../core/log/read-store.ts';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import { MemoryLog } from './memory-log.ts';
import { VirtualClock } from './virtual-clock.ts';

function readerOf(store: ReadStore, clock: VirtualClock, pollMinMs = 20, pollMaxMs = 100): SegmentReader {
  return new SegmentReader(store, { clock, random: () => 0.5, pollMinMs, pollMaxMs });
}

describe('a reader that waits at the end of a log', () => {
  it('sends each stream away at its own time, whatever the order in which they came', async () => {
    const clock = new VirtualClock();
    const cache = readerOf(new MemoryLog(), clock);
    const begin = clock.now();
    const timeouts = [500, 300, 900, 300, 700, 1];

    const waits = timeouts.map(async (timeout) => {
      const result = await cache.waitFor('acme', '0', 1, timeout).result;
      return { result, after: clock.now() - begin };
    });

    expect(await Promise.all(waits)).toEqual(
      timeouts.map((timeout) => ({ result: expect.objectContaining({ kind: 'none' }), after: timeout })),
    );
  });

  it('hands a failed read to all who wait, and polls again for those who come back', async () => {
    const clock = new VirtualClock();
    const log = new MemoryLog();
    const failure = new Error('throttled');
    let fails = true;
    const store = {
      readHead: log.readHead.bind(log),
      openHead: log.openHead.bind(log),
      readSegments: (...place: Parameters<MemoryLog['readSegments']>) =>
        fails ? Promise.reject(failure) : log.readSegments(...place),
    };
    const cache = readerOf(store, clock);

    const first = await Promise.allSettled([1, 2].map(() => cache.waitFor('acme', '0', 1, 1000).result));
    fails = false;
    const second = await cache.waitFor('acme', '0', 1, 1000).result;

    expect(first.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual([
      failure,
      failure,
    ]);
    expect(second).toMatchObject({ kind: 'none' });
  });

  it('tells when the log was last read, and that it was not while a read hangs', async () => {
    const clock = new VirtualClock();
    const log = new MemoryLog(async () => clock.sleep(delay));
    let delay = 0;
    const cache = readerOf(log, clock);
    const read = await cache.waitFor('acme', '0', 1, 500).result;
    expect(read.kind === 'none' && read.readAt! > clock.now() - 200).toBe(true);
    delay = 5000;
    const [first, second] = [
      await cache.waitFor('acme', '1', 1, 1000).result,
      await cache.waitFor('acme', '1', 1, 1000).result,
    ];
    expect([first, second]).toEqual([{ kind: 'none' }, { kind: 'none' }]);
  });

  it('reads nothing for those who have gone before it was time to', async () => {
    const clock = new VirtualClock();
    let reads = 0;
    const log = new MemoryLog(async () => {
      reads += 1;
    });
    const cache = readerOf(log, clock, 1000, 1000);
    await cache.waitFor('acme', '0', 1, 300).result;
    await clock.sleep(5000);
    expect(reads).toBe(0);
    expect(await cache.waitFor('acme', '0', 1, 1500).result).toMatchObject({ kind: 'none' });
    expect(reads).toBe(1);
  });

  it('sends away whoever ends the wait, and nobody else', async () => {
    const clock = new VirtualClock();
    const cache = readerOf(new MemoryLog(), clock);
    const begin = clock.now();
    const [first, second] = [300, 300].map((timeout) => cache.waitFor('acme', '0', 1, timeout));
    first!.end();
    await first!.result;
    const after = clock.now() - begin;
    await second!.result;
    expect([after, clock.now() - begin]).toEqual([0, 300]);
  });

  it.each([
    [1, 250, 1000],
    [2, 125, 500],
    [5, 50, 200],
    [128, 50, 200],
  ])('polls for %d streams each %d ms at first, and each %d ms in the end', async (streams, first, last) => {
    const clock = new VirtualClock();
    const reads: number[] = [];
    const log = new MemoryLog(async () => void reads.push(clock.now()));
    const reader = readerOf(log, clock, 250, 1000);
    const begin = clock.now();
    const waits = Array.from({ length: streams }, () => reader.waitFor('acme', '0', 1, 20_000));
    await Promise.all(waits.map(({ result }) => result));
    const gaps = reads.map((at, index) => at - (reads[index - 1] ?? begin));
    expect(gaps[0]).toBe(first);
    expect(gaps.at(-1)).toBe(last);
  });

  it('polls more often as soon as others wait too, and no more often than it can read', async () => {
    const clock = new VirtualClock();
    const reads: number[] = [];
    const log = new MemoryLog(async () => void reads.push(clock.now()));
    const alone = readerOf(log, clock, 1000, 1000);
    const begin = clock.now();
    const waits = [alone.waitFor('acme', '0', 1, 1500)];
    await clock.sleep(300);
    for (let stream = 1; stream < 5; stream += 1) waits.push(alone.waitFor('acme', '0', 1, 1000));
    await Promise.all(waits.map(({ result }) => result));
    expect(reads[0]! - begin).toBe(400);
    reads.length = 0;
    const quick = readerOf(log, clock, 30, 30);
    await Promise.all(Array.from({ length: 5 }, () => quick.waitFor('acme', '0', 1, 100).result));
    expect(reads[1]! - reads[0]!).toBe(20);
  });
});
