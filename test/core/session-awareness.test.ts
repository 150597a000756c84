import type { AwarenessEntry } from '../../core/awareness/entries.ts';
import type { PresenceRecord } from '../../core/awareness/presence.ts';
import type { SessionPorts } from '../../core/session/ports.ts';
import type { ReadStore } from '../../core/log/read-store.ts';
import { MemoryLog } from './memory-log.ts';
import { open } from './open-session.ts';

/** Data of the frames of a text, with the fields of each. */
function framesOf(text: string): { fields: string[]; data: Record<string, unknown> }[] {
  return text
    .split('\n\n')
    .map((frame) => frame.split('\n').filter((line) => line !== '' && !line.startsWith(':')))
    .filter((lines) => lines.length > 0)
    .map((lines) => ({
      fields: lines.map((line) => line.slice(0, line.indexOf(':'))),
      data: JSON.parse(lines.find((line) => line.startsWith('data: '))!.slice(6)) as Record<string, unknown>,
    }));
}

const bob = (at: number): PresenceRecord => ({
  user: 'bob',
  revision: at,
  version: 1,
  since: at,
  views: { a: { state: 'active', until: at + 300_000, at } },
  said: { times: 1, at },
});

/** Who is there is bob; what is said is told to the session when a test says it. */
function awarenessOf(now: () => number) {
  let say: (entry: AwarenessEntry) => void = () => undefined;
  const ports: SessionPorts['awareness'] = {
    feed: { follow: (_, listener) => (say = (entry) => listener([entry], true)) },
    look: async () => ({ records: [bob(now())], tasks: [], at: now(), units: 0.5 }),
  };
  return { ports, say: (entry: AwarenessEntry) => say(entry) };
}

function typingOf(task: number, at: number): AwarenessEntry {
  const facts = { visibility: 'workspace', created_by: 'bob', assignees: [] } as const;
  return { kind: 'typing', user: 'bob', task: { id: task, facts }, until: at + 6000, at };
}

describe('a session that tells of other users', () => {
  it('begins with a snapshot, whose frames leave the cursor as it is', async () => {
    const awareness = awarenessOf(() => 0);
    const { session, text } = open(new MemoryLog(), () => undefined, {
      awareness: awareness.ports,
      presence: true,
      sessionMs: 5000,
    });
    await session.open();
    await session.run();
    const snapshot = framesOf(text()).find(({ data }) => data['type'] === 'presence.snapshot');
    expect(snapshot).toMatchObject({ fields: ['data'], data: { type: 'presence.snapshot', last: true } });
  });

  it('tells nothing of them to who does not ask', async () => {
    const awareness = awarenessOf(() => 0);
    const { session, text } = open(new MemoryLog(), () => undefined, {
      awareness: awareness.ports,
      sessionMs: 5000,
    });
    await session.open();
    await session.run();
    expect(text()).not.toContain('presence.');
  });

  it('hears what a read of the log has found that went on while it told of them', async () => {
    const log = new MemoryLog();
    const awareness = awarenessOf(() => 0);
    const sayTyping = (task: number): void => awareness.say(typingOf(task, clock.now()));
    // Whenever its end is looked at, something is said first, and the log turns out to be another one.
    let task = 0;
    const store: ReadStore = {
      openHead: (workspace) => log.openHead(workspace),
      readHead: async () => {
        sayTyping((task += 1));
        await clock.sleep(200);
        return undefined;
      },
      readSegments: async () => ({ segments: [], more: false, units: 0.5 }),
    };
    const { session, text, clock } = open(store, () => undefined, {
      awareness: awareness.ports,
      presence: true,
      sessionMs: 30_000,
    });
    await session.open();
    await session.run();
    const lost = 'event: resume\ndata: {"complete":false,"reason":"unknown_cursor"}';
    expect(task).toBeGreaterThan(0);
    expect(text().split(lost)).toHaveLength(task + 1);
    expect(text().split('typing.started')).toHaveLength(task + 1);
  });

  it('tells what is said while it waits for the log', async () => {
    const at = Date.UTC(2026, 0, 1);
    const awareness = awarenessOf(() => at);
    const heardAt: number[] = [];
    const { session, clock } = open(
      new MemoryLog(),
      (chunk) => {
        if (chunk.includes('typing.started')) heardAt.push(clock.now());
        return undefined;
      },
      { awareness: awareness.ports, presence: true, sessionMs: 20_000 },
    );
    await session.open();
    const running = session.run();
    await clock.sleep(5300);
    const saidAt = clock.now();
    awareness.say(typingOf(7, saidAt));
    await running;
    expect(heardAt).toEqual([saidAt]);
  });
});
