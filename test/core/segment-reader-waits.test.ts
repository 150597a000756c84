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
});
