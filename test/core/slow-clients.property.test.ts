import fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Change } from '../../core/log/change.ts';
import { CursorSeal, startOf } from '../../core/log/cursor.ts';
import { CatchUpTurns } from '../../core/session/catch-up-turns.ts';
import type { ReadStore } from '../../core/log/read-store.ts';
import type { Segment } from '../../core/log/segment.ts';
import { anyHistory, anySizes, append, expected, received } from './histories.ts';
import { MemoryLog, sampleLog } from './memory-log.ts';
import { alice, open } from './open-session.ts';
import { sampleTask } from './task-samples.ts';
import { VirtualClock } from './virtual-clock.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Where a client starts that has seen nothing of the log. */
const beginning = new CursorSeal(sampleLog, alice).seal(startOf(sampleLog.log, 1));

/** How long each write of a session may wait for room, milliseconds: many take no time, some more than a second. */
const anyWaits = fc.array(fc.constantFrom(0, 0, 5, 999, 1001, 4000), { minLength: 1, maxLength: 6 });

/** Makes the description of each task so long that a few fill the output. */
function enlarge(history: readonly Change[], lengths: readonly number[]): readonly Change[] {
  return history.map((change, index) => {
    if (change.kind === 'resync' || change.after === undefined) return change;
    const description = 'x'.repeat(lengths[index % lengths.length]!);
    return { ...change, after: { ...change.after, description } };
  });
}

/** How many turns nobody has. */
function freeOf(turns: CatchUpTurns): number {
  let free = 0;
  while (!turns.areTaken) turns.ask(() => (free += 1));
  return free;
}

describe('a session whose client takes its time', () => {
  it('sends all, once and in order, and reads again what it had to let go', async () => {
    const anyLengths = fc.array(fc.constantFrom(0, 30_000, 70_000), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        anyHistory,
        anySizes,
        anyLengths,
        anyWaits,
        fc.constantFrom(0, 1024 * 1024),
        async (changes, sizes, lengths, waits, cacheBytes) => {
          const log = new MemoryLog();
          const history = enlarge(changes, lengths);
          await append(log, history, sizes);
          let writes = 0;
          const { session, clock, text } = open(
            log,
            () => {
              const wait = waits[writes % waits.length]!;
              writes += 1;
              return wait === 0 ? undefined : clock.sleep(wait);
            },
            // Long enough for the slowest client to be told the longest history: some thirty writes of 4 s each.
            { cursor: beginning, sessionMs: 240_000, cacheBytes },
          );
          await session.open();
          await expect(session.run()).resolves.toBe('session_length');
          expect(received(text())).toEqual(expected(history, alice));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('sends all to each of several, though they catch up one or two at a time', async () => {
    const anyClients = fc.array(anyWaits, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyHistory, anySizes, anyClients, fc.integer({ min: 1, max: 2 }), async (...given) => {
        const [changes, sizes, clients, most] = given;
        const log = new MemoryLog();
        const history = enlarge(changes, [0, 70_000]);
        await append(log, history, sizes);
        const turns = new CatchUpTurns(most);
        const clock = new VirtualClock();
        const streams = clients.map((waits) => {
          let writes = 0;
          const write = (): Promise<void> | undefined => {
            const wait = waits[writes++ % waits.length]!;
            return wait === 0 ? undefined : clock.sleep(wait);
          };
          return open(log, write, { cursor: beginning, sessionMs: 600_000, cacheBytes: 0, turns, clock });
        });
        await Promise.all(streams.map(({ session }) => session.open()));
        const ends = await Promise.all(streams.map(({ session }) => session.run()));
        expect(ends).toEqual(clients.map(() => 'session_length'));
        for (const { text } of streams) expect(received(text())).toEqual(expected(history, alice));
        expect(freeOf(turns)).toBe(most);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps nothing in memory that it has read for one that stalls', async () => {
    const log = new MemoryLog();
    const changes = [1, 2, 3].map((id): Change => ({
      kind: 'task',
      source: String(id),
      at: 0,
      task: id,
      after: sampleTask({ id, description: 'x'.repeat(70_000) }),
    }));
    await append(log, changes, [1]);
    const seen: WeakRef<Segment>[] = [];
    const store: ReadStore = {
      readHead: (workspace) => log.readHead(workspace),
      openHead: (workspace) => log.openHead(workspace),
      readSegments: async (...place) => {
        const page = structuredClone(await log.readSegments(...place));
        seen.push(...page.segments.map((segment) => new WeakRef(segment)));
        return page;
      },
    };
    const isAlive = (segment: WeakRef<Segment>): boolean => segment.deref() !== undefined;
    const stalled = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    const { session, clock, text } = open(
      store,
      (chunk) => {
        if (!chunk.includes('"taskId":1')) return undefined;
        void clock.sleep(5000).then(stalled.resolve);
        return goesOn.promise;
      },
      { cursor: beginning, cacheBytes: 0, sessionMs: 60_000 },
    );
    await session.open();
    const ended = session.run();
    await stalled.promise;
    expect(seen.length).toBeGreaterThanOrEqual(3);
    collectGarbage();
    expect(seen.filter(isAlive)).toHaveLength(0);
    goesOn.resolve();
    await expect(ended).resolves.toBe('session_length');
    expect(received(text())).toEqual(expected(changes, alice));
  });

  it('closes a client that does not read', async () => {
    const { session, clock } = open(new MemoryLog(), () => new Promise(() => undefined));
    await session.open();
    const begun = clock.now();
    await expect(session.run()).resolves.toBe('slow_reader');
    expect(clock.now() - begun).toBe(30_000);
  });
});
