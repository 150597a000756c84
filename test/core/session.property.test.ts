import { everything } from '../../core/subscription/filter.ts';
import fc from 'fast-check';
import type { Change } from '../../core/log/change.ts';
import { UnknownFormat } from '../../core/log/read-store.ts';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import type { LogIdentity } from '../../core/log/cursor.ts';
import { CursorSeal } from '../../core/log/cursor.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import { CatchUpTurns } from '../../core/session/catch-up-turns.ts';
import { Session } from '../../core/session/session.ts';
import { withoutReturnMark } from '../../protocol/cursor.ts';
import { parseFrames } from './event-stream.ts';
import { anyHistory, anySizes, append, expected, received } from './histories.ts';
import { MemoryLog, sampleLog } from './memory-log.ts';
import { noTasks, nobody } from './memory-tasks.ts';
import { alice, open, silentObserver, undisturbed, usualSettings } from './open-session.ts';
import { textTransport } from './text-transport.ts';
import { anyPrincipal } from './task-samples.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The cursor of alice at a place, or one that was made for another log, with another key, for other rights. */
function at(
  segment: number,
  change = 0,
  frame = 0,
  { log, key, ...other }: Partial<LogIdentity & Principal> = {},
): string {
  const identity = { log: log ?? sampleLog.log, key: key ?? sampleLog.key };
  return new CursorSeal(identity, { ...alice, ...other }).seal({ log: identity.log, segment, change, frame });
}

/** A stream of the principal from a cursor on, for three virtual seconds. */
async function listen(
  log: MemoryLog,
  principal: Principal,
  cursor: string | undefined,
  during: () => Promise<void> = async () => undefined,
): Promise<string> {
  const clock = new VirtualClock();
  const cache = new SegmentReader(log, {
    clock,
    random: () => 0.5,
    pollMinMs: 20,
    pollMaxMs: 100,
    headCheckMs: 300,
  });
  let text = '';
  let begun = false;
  const end = clock.now() + 3000;
  const session = new Session(
    {
      principal,
      filter: everything,
      connectionId: 'c1',
      cursor,
      named: false,
      connectedAt: clock.now(),
      ends: { session_length: end, deadline: end + 1, token_expired: end + 2 },
    },
    { ...usualSettings, heartbeatMs: 700 },
    {
      reader: cache,
      turns: new CatchUpTurns(),
      tasks: noTasks,
      awareness: nobody,
      clock,
      random: () => 0.5,
      connection: undisturbed,
      observer: {
        ...silentObserver,
        trouble: (_, error) => {
          throw error;
        },
      },
    },
  );
  const transport = textTransport((chunk) => {
    text += chunk;
    if (begun) return undefined;
    begun = true;
    return during();
  });
  await session.open();
  await expect(session.run(transport)).resolves.toBe('session_length');
  return text;
}

describe('a session', () => {
  it('sends what its principal may see, once and in order, cut and resumed after any frame', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyHistory,
        anyHistory,
        anySizes,
        anyPrincipal,
        fc.nat(),
        async (past, later, sizes, principal, cut) => {
          const log = new MemoryLog();
          await append(log, past, sizes);
          const live = later.map((change) => ({ ...change, source: String(100 + Number(change.source)) }));
          const whole = await listen(log, principal, undefined, () => append(log, live, sizes));
          expect(received(whole)).toEqual(expected(live, principal));

          const frames = whole.split('\n\n').slice(0, -1);
          const kept = frames.slice(0, 1 + (cut % frames.length));
          const cursor = withoutReturnMark(parseFrames(`${kept.at(-1)!}\n\n`)[0]!.id!);
          const rest = await listen(log, principal, cursor);
          expect(parseFrames(rest)[1]).toMatchObject({ event: 'resume', data: '{"complete":true}' });
          expect([...received(`${kept.join('\n\n')}\n\n`), ...received(rest)]).toEqual(
            expected(live, principal),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives every frame an id, starts with connection.established, and ends with its reason', async () => {
    const log = new MemoryLog();
    const principal = { workspace: 'acme', user: 'alice', admin: false };
    const text = await listen(log, principal, undefined);
    const frames = parseFrames(text);
    expect(frames.every(({ id }) => id !== undefined)).toBe(true);
    expect(JSON.parse(frames[0]!.data)).toMatchObject({
      type: 'connection.established',
      connectionId: 'c1',
      userId: 'alice',
    });
    expect(text).toMatch(/^retry: 2000\ndata: /);
    expect(frames.filter(({ event }) => event === 'ping')).toHaveLength(4);
    expect(frames.at(-1)).toMatchObject({
      event: 'end',
      data: '{"reason":"session_length","reconnect":true}',
    });
  });

  it.each([
    [0, 1000],
    [0.999, 2998],
  ])('tells clients that came together to come back at other times: %d, %d ms', async (random, retry) => {
    const { session, text } = open(new MemoryLog(), () => undefined, { random, sessionMs: 1000 });
    await session.open();
    await session.run();
    expect(parseFrames(text())).not.toHaveLength(0);
    expect(text()).toMatch(new RegExp(`^retry: ${retry}\\n`));
  });

  it.each([
    ['no cursor at all', 'nonsense', 'unknown_cursor'],
    ['a cursor of the first version', 'fedcba9876543210.3.0.0.0123456789ab', 'unknown_cursor'],
    ['a cursor without its seal', at(3).slice(0, at(3).lastIndexOf('.')), 'unknown_cursor'],
    ['a cursor of another log', at(1, 0, 0, { log: '0'.repeat(16) }), 'unknown_cursor'],
    ['a cursor of another key', at(3, 0, 0, { key: 'A'.repeat(43) }), 'unknown_cursor'],
    ['a cursor ahead of the log', at(9), 'unknown_cursor'],
    ['a cursor within a segment that is not there yet', at(4, 1), 'unknown_cursor'],
    ['a cursor at a change that its segment has not', at(3, 1), 'unknown_cursor'],
    ['a cursor at a frame that its change has not', at(3, 0, 1), 'unknown_cursor'],
    ['a cursor whose segments are gone', at(1), 'history_expired'],
    ['a cursor of an admin', at(3, 0, 0, { admin: true }), 'rights_changed'],
    ['a cursor of another user', at(3, 0, 0, { user: 'bob' }), 'rights_changed'],
  ])('answers %s with an incomplete resume and a good cursor', async (_, given, reason) => {
    const log = new MemoryLog();
    const changes = ['1', '2', '3'].map((source): Change => ({ kind: 'resync', source, at: 0 }));
    await append(log, changes, [1]);
    log.drop('acme', 1);
    const frames = parseFrames(await listen(log, alice, given));
    expect(frames[1]).toMatchObject({ event: 'resume', data: JSON.stringify({ complete: false, reason }) });
    expect(frames[1]!.id).toBe(at(4));
    expect(received(frames.map(({ data, event }) => `event: ${event}\ndata: ${data}\n\n`).join(''))).toEqual(
      [],
    );
  });

  it('makes the log of a workspace that has none, so that nothing after its first connect is missed', async () => {
    const log = new MemoryLog();
    const principal = { workspace: 'acme', user: 'alice', admin: false };
    const cursor = parseFrames(await listen(log, principal, undefined))[0]!.id!;
    expect(cursor).toBe(at(1));
    await append(log, [{ kind: 'resync', source: '1', at: 0 }], [1]);
    expect(received(await listen(log, principal, cursor))).toEqual(['resync']);
  });

  it('tells its client when the log is replaced under it', async () => {
    const log = new MemoryLog();
    const principal = { workspace: 'acme', user: 'alice', admin: false };
    await append(log, [{ kind: 'resync', source: '1', at: 0 }], [1]);
    const text = await listen(log, principal, undefined, async () => log.drop('acme'));
    const resumes = parseFrames(text).filter(({ event }) => event === 'resume');
    expect(resumes.map(({ data }) => data)).toEqual(['{"complete":false,"reason":"unknown_cursor"}']);
  });

  it.each([
    ['a format it does not know', () => new UnknownFormat('format 2'), 'deploy', 0],
    ['a log that cannot be read for a minute', () => new Error('throttled'), 'trouble', 60_000],
  ])('ends, and asks its client to come back, at %s', async (_, fault, reason, after) => {
    const log = new MemoryLog();
    const { session, clock, text } = open(log, (chunk) => {
      if (chunk.includes('connection.established')) log.fail = fault;
      return undefined;
    });
    await session.open();
    const begun = clock.now();
    await expect(session.run()).resolves.toBe(reason);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(after);
    expect(parseFrames(text()).at(-1)).toMatchObject({
      event: 'end',
      data: JSON.stringify({ reason, reconnect: true }),
    });
  });

  it('goes on after a passing trouble', async () => {
    const log = new MemoryLog();
    const { session, text } = open(log, (chunk) => {
      if (chunk.includes('established')) log.fail = () => new Error('throttled');
      if (chunk.includes('ping')) log.fail = undefined;
      return undefined;
    });
    await session.open();
    await expect(session.run()).resolves.toBe('session_length');
    expect(text()).not.toContain('trouble');
  });
});
