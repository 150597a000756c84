import type { Change } from '../../core/log/change.ts';
import { CursorSeal, startOf } from '../../core/log/cursor.ts';
import type { ReadStore } from '../../core/log/read-store.ts';
import { CatchUpTurns } from '../../core/session/catch-up-turns.ts';
import { append, expected, received } from './histories.ts';
import { MemoryLog, sampleLog } from './memory-log.ts';
import { alice, open } from './open-session.ts';
import { sampleTask } from './task-samples.ts';

/** Where a client starts that has seen nothing of the log. */
const beginning = new CursorSeal(sampleLog, alice).seal(startOf(sampleLog.log, 1));

/** Many pages of the history: the first has four segments. */
const changes = Array.from({ length: 40 }, (_, index): Change => ({
  kind: 'task',
  source: String(index + 1),
  at: 0,
  task: index + 1,
  after: sampleTask({ id: index + 1 }),
}));

/** A log with that history, which counts how often its segments are read. */
async function countedLog(): Promise<{ readonly store: ReadStore; readonly reads: () => number }> {
  const log = new MemoryLog();
  await append(log, changes, [1]);
  let reads = 0;
  const store: ReadStore = {
    readHead: (workspace) => log.readHead(workspace),
    openHead: (workspace) => log.openHead(workspace),
    readSegments: (...place) => {
      reads += 1;
      return log.readSegments(...place);
    },
  };
  return { store, reads: () => reads };
}

/** A turn of somebody else. */
function otherTurn(turns: CatchUpTurns): { hasBegun: () => boolean; end: () => void } {
  let begun = false;
  const begin = (): void => {
    begun = true;
  };
  turns.ask(begin);
  return { hasBegun: () => begun, end: () => turns.giveBack(begin) };
}

describe('a stream that catches up', () => {
  it('waits for its turn with nothing but pings, and then is told all', async () => {
    const { store, reads } = await countedLog();
    const turns = new CatchUpTurns(1);
    const other = otherTurn(turns);
    const { session, clock, text } = open(store, () => undefined, {
      cursor: beginning,
      turns,
      cacheBytes: 0,
    });
    await session.open();
    const before = reads();
    const ended = session.run();
    await clock.sleep(40_000);
    expect([received(text()), text().match(/event: ping/g)?.length, reads() - before]).toEqual([[], 2, 0]);
    other.end();
    await expect(ended).resolves.toBe('session_length');
    expect(received(text())).toEqual(expected(changes, alice));
  });

  it('lets those who wait have their turns between two of its pages', async () => {
    const { store } = await countedLog();
    const turns = new CatchUpTurns(1);
    let other: ReturnType<typeof otherTurn> | undefined;
    const toldBefore: number[] = [];
    const { session, clock, text } = open(
      store,
      () => {
        if (!text().includes('"taskId":1,')) return undefined;
        other ??= otherTurn(turns);
        if (other.hasBegun()) toldBefore.push(received(text()).length);
        return undefined;
      },
      { cursor: beginning, turns, cacheBytes: 0, sessionMs: 60_000 },
    );
    await session.open();
    const ended = session.run();
    await clock.sleep(5000);
    const told = received(text()).length;
    expect([other?.hasBegun(), told > 0, told < changes.length]).toEqual([true, true, true]);
    other!.end();
    await expect(ended).resolves.toBe('session_length');
    expect(received(text())).toEqual(expected(changes, alice));
  });

  it.each([
    ['that waits for its turn', true],
    ['that has its turn, and a client that does not read', false],
  ])('takes no turn from others once it has ended: one %s', async (_, waits) => {
    const { store } = await countedLog();
    const turns = new CatchUpTurns(1);
    const first = waits ? otherTurn(turns) : undefined;
    const isTold = (chunk: string): boolean => chunk.includes('"taskId"');
    const { session, clock } = open(
      store,
      (chunk) => (isTold(chunk) ? new Promise(() => undefined) : undefined),
      { cursor: beginning, turns, cacheBytes: 0 },
    );
    await session.open();
    const ended = session.run();
    await clock.sleep(500);
    const next = otherTurn(turns);
    expect(next.hasBegun()).toBe(false);
    session.end('disconnected');
    await expect(ended).resolves.toBe('disconnected');
    first?.end();
    expect(next.hasBegun()).toBe(true);
  });

  it('has its turn no longer than its client takes to stall', async () => {
    const { store } = await countedLog();
    const turns = new CatchUpTurns(1);
    const { session, clock } = open(
      store,
      (chunk) => (chunk.includes('"taskId"') ? new Promise(() => undefined) : undefined),
      { cursor: beginning, turns, cacheBytes: 0 },
    );
    await session.open();
    const ended = session.run();
    await clock.sleep(500);
    const next = otherTurn(turns);
    await clock.sleep(1000);
    expect(next.hasBegun()).toBe(true);
    await expect(ended).resolves.toBe('slow_reader');
  });
});
