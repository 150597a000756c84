import { everything } from '../../core/subscription/filter.ts';
import type { Change } from '../../core/log/change.ts';
import { CursorSeal, startOf } from '../../core/log/cursor.ts';
import { appendBatch } from '../../core/log/append.ts';
import type { ReadStore } from '../../core/log/read-store.ts';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import { EndFeed } from '../../core/connections/end-feed.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import { CatchUpTurns } from '../../core/session/catch-up-turns.ts';
import { Session } from '../../core/session/session.ts';
import { silentObserver, undisturbed, usualSettings } from './open-session.ts';
import { noTasks, nobody } from './memory-tasks.ts';
import { textTransport } from './text-transport.ts';
import { MemoryLog, sampleLog } from './memory-log.ts';
import { sampleTask } from './task-samples.ts';
import { VirtualClock } from './virtual-clock.ts';

const principal = { workspace: 'acme', user: 'alice', admin: false };

/** How the events table and the connections table behave under a session; times since it opened, milliseconds. */
interface Tables {
  readonly read?: (at: number) => Promise<void>;
  /** After how long it is asked to end, milliseconds; never where it is left out. */
  readonly revokedAfterMs?: number;
  /** After how long its client is known to be gone, milliseconds; never where it is left out. */
  readonly goneAfterMs?: number;
}

/** Runs a session of five minutes, with something behind its cursor or not, and tells how it ended. */
async function run(
  clock: VirtualClock,
  { read = async () => undefined, revokedAfterMs = Infinity, goneAfterMs }: Tables,
  cursor?: string,
): Promise<{ reason: EndReason; after: number; text: string }> {
  const log = new MemoryLog();
  log.pageSize = 1;
  for (const id of [1, 2, 3]) {
    const change: Change = {
      kind: 'task',
      source: String(id),
      at: 0,
      task: id,
      after: sampleTask({ id }),
    };
    await appendBatch(
      log,
      { workspace: 'acme', stream: 's', changes: [change] },
      { now: () => clock.now(), newLog: () => sampleLog, historySeconds: 86_400 },
    );
  }
  let isOpen = false;
  const begin = clock.now();
  const disturb = async (): Promise<void> => (isOpen ? read(clock.now() - begin) : undefined);
  const store: ReadStore = {
    readHead: async (workspace) => disturb().then(() => log.readHead(workspace)),
    openHead: async (workspace) => disturb().then(() => log.openHead(workspace)),
    readSegments: async (...place) => disturb().then(() => log.readSegments(...place)),
  };
  const ends = new EndFeed(
    {
      asked: async () =>
        clock.now() < begin + revokedAfterMs ? [] : [{ id: 'c1', reason: 'revoked', at: clock.now() }],
      drain: async () => undefined,
    },
    { clock, random: () => 0.5, observer: silentObserver },
  );
  let text = '';
  const end = begin + 300_000;
  const session = new Session(
    {
      principal,
      filter: everything,
      connectionId: 'c1',
      cursor,
      named: false,
      connectedAt: begin,
      ends: { session_length: end, deadline: end, token_expired: end },
    },
    usualSettings,
    {
      reader: new SegmentReader(store, { clock, random: () => 0.5, pollMinMs: 20, pollMaxMs: 2000 }),
      turns: new CatchUpTurns(),
      tasks: noTasks,
      awareness: nobody,
      clock,
      random: () => 0.5,
      connection: {
        ...undisturbed,
        follow: (listener, signal) => ends.follow({ ...principal, id: 'c1' }, listener, signal),
      },
      observer: silentObserver,
    },
  );
  const transport = textTransport(
    (chunk) => {
      text += chunk;
      return undefined;
    },
    goneAfterMs === undefined ? undefined : clock.sleep(goneAfterMs),
  );
  await session.open();
  isOpen = true;
  return { reason: await session.run(transport), after: clock.now() - begin, text };
}

/** A read that fails after so many milliseconds. */
function failing(clock: VirtualClock, milliseconds: number): () => Promise<void> {
  return async () => {
    await clock.sleep(milliseconds);
    throw new Error('throttled');
  };
}

describe('a session in trouble', () => {
  it.each([10, 1500, 3000, 20_000])(
    'ends after a minute of reads that fail in %i ms',
    async (milliseconds) => {
      const clock = new VirtualClock();
      const { reason, after } = await run(clock, { read: failing(clock, milliseconds) });
      expect(reason).toBe('trouble');
      expect(after).toBeGreaterThanOrEqual(60_000);
      expect(after).toBeLessThan(60_000 + milliseconds + 5000);
    },
  );

  it('goes on where a read fails now and then, or takes long', async () => {
    const clock = new VirtualClock();
    const seldom = async (at: number): Promise<void> => {
      if (at > 0 && at % 40_000 < 3000) throw new Error('throttled');
      await clock.sleep(1800);
    };
    await expect(run(clock, { read: seldom })).resolves.toMatchObject({ reason: 'session_length' });
  });

  it('does not wait for a read when it must end, and sends nothing of it', async () => {
    const clock = new VirtualClock();
    const beginning = new CursorSeal(sampleLog, principal).seal(startOf(sampleLog.log, 1));
    const slow = await run(
      clock,
      {
        read: async () => clock.sleep(20_000),
        revokedAfterMs: 3000,
      },
      beginning,
    );
    expect(slow.reason).toBe('revoked');
    expect(slow.after).toBeLessThan(3000 + 5000);
    expect(slow.text.match(/task\.created/g)).toHaveLength(1);
  });

  it('ends at once when its client is known to be gone', async () => {
    const { reason, after } = await run(new VirtualClock(), { goneAfterMs: 10_000 });
    expect(reason).toBe('disconnected');
    expect(after).toBeLessThan(10_001);
  });
});
