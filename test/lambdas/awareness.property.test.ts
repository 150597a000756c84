import fc from 'fast-check';
import type { AwarenessEvent, Viewer } from '../../protocol/awareness.ts';
import { AwarenessFeed, feedPollMs } from '../../core/awareness/feed.ts';
import { AwarenessWalk } from '../../core/awareness/awareness-walk.ts';
import type { AwarenessEntry } from '../../core/awareness/entries.ts';
import { eventsOfEntry } from '../../core/awareness/viewer.ts';
import { presenceOf, withoutExpired } from '../../core/awareness/presence.ts';
import { Refusal } from '../../core/refusal.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import { AwarenessService } from '../../lambdas/shared/awareness/awareness-service.ts';
import { whoIsThere } from '../../lambdas/shared/awareness/who-is-there.ts';
import { silentObserver } from '../core/open-session.ts';
import { VirtualClock } from '../core/virtual-clock.ts';
import { MemoryPresence } from './memory-presence.ts';

const users = ['ana', 'bob', 'cy', 'dee'] as const;
const tasks = [1, 2, 3] as const;

/** What somebody does after a pause, milliseconds. */
const anyAct = fc.record({
  pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 30_000 })),
  user: fc.constantFrom(...users),
  act: fc.oneof(
    fc.record({
      kind: fc.constant('view' as const),
      viewId: fc.constantFrom('a', 'b'),
      state: fc.constantFrom('active', 'hidden', 'left' as const),
      task: fc.option(fc.constantFrom(...tasks), { nil: undefined }),
      leaseSeconds: fc.integer({ min: 10, max: 60 }),
    }),
    fc.record({ kind: fc.constant('type' as const), task: fc.constantFrom(...tasks), typing: fc.boolean() }),
    fc.record({
      kind: fc.constant('share' as const),
      task: fc.constantFrom(...tasks),
      visibility: fc.constantFrom('workspace', 'private', 'gone' as const),
    }),
    fc.record({ kind: fc.constant('lag' as const), lagMs: fc.integer({ min: 0, max: 1500 }) }),
    fc.record({ kind: fc.constant('trouble' as const), fails: fc.boolean() }),
  ),
});

/** Dee says of her page, after a pause, how it is. */
const deeSays = (pause: number, state: 'active' | 'left', leaseSeconds: number) => ({
  pause,
  user: 'dee' as const,
  act: { kind: 'view' as const, viewId: 'a' as const, state, task: undefined, leaseSeconds },
});

/** The property brings dee back at its end, which here is the millisecond in which she has come and left. */
const leavesAndComesBack = [deeSays(0, 'active', 10), deeSays(0, 'left', 10)];

/** A page says that it is there in the last moment of its lease, and the readers who look for it then are behind. */
const renewsLateWhileReadsLag = [
  { pause: 0, user: 'ana' as const, act: { kind: 'lag' as const, lagMs: 1500 } },
  deeSays(0, 'active', 22),
  deeSays(21_999, 'active', 60),
  { pause: 20_000, user: 'ana' as const, act: { kind: 'trouble' as const, fails: false } },
];

/** Who only watches, and who takes part. */
const principals: readonly Principal[] = [
  { workspace: 'acme', user: 'watcher', admin: false },
  { workspace: 'acme', user: 'ana', admin: false },
  { workspace: 'acme', user: 'root', admin: true },
];

/** What a client knows that does as docs/PROTOCOL.md says. */
class Picture {
  readonly viewers = new Map<string, Viewer>();
  readonly typing = new Set<string>();
  hasSnapshot = false;

  take(event: AwarenessEvent): void {
    if (event.type === 'presence.snapshot') {
      if (this.hasSnapshot) throw new Error('a second snapshot');
      this.hasSnapshot = event.last;
      for (const viewer of event.viewers) this.viewers.set(viewer.userId, viewer);
    } else if (event.type === 'typing.started' || event.type === 'typing.stopped') {
      const key = `${event.taskId}/${event.userId}`;
      if (this.typing.has(key) === (event.type === 'typing.started'))
        throw new Error(`${event.type} of ${key}`);
      if (event.type === 'typing.started') this.typing.add(key);
      else this.typing.delete(key);
    } else {
      if (!this.hasSnapshot) throw new Error(`${event.type} before a snapshot`);
      if (this.viewers.has(event.userId) === (event.type === 'presence.joined')) {
        throw new Error(`${event.type} of ${event.userId}`);
      }
      if (event.type === 'presence.left') this.viewers.delete(event.userId);
      else {
        const { userId, state, tasks: open, since } = event;
        this.viewers.set(userId, { userId, state, tasks: open, since });
      }
    }
  }

  get byName(): readonly Viewer[] {
    return [...this.viewers.values()].toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  }
}

function worldOf() {
  const clock = new VirtualClock();
  const table = new MemoryPresence(() => clock.now());
  for (const id of tasks)
    table.visibility.set(id, { visibility: 'workspace', created_by: 'bob', assignees: [] });
  const said: AwarenessEntry[] = [];
  const now = (): number => clock.now();
  const service = new AwarenessService({
    presence: table,
    typing: table,
    tasks: table,
    handOn: async (_, entries) => void said.push(...entries),
    observer: silentObserver,
    pause: (milliseconds) => clock.sleep(milliseconds),
    now,
  });
  const options = { clock, random: () => 0.5, observer: silentObserver };
  const feed = new AwarenessFeed(table, options);
  const look = (workspace: string) => whoIsThere(workspace, { presence: table, tasks: table, now });
  return { clock, table, said, service, options, feed, look };
}

type World = ReturnType<typeof worldOf>;

/** Follows as a session does, and takes what is told into a picture. */
async function watch(
  { clock, options, feed, look }: World,
  principal: Principal,
  told: (event: AwarenessEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const walk = new AwarenessWalk(principal, { ...options, feed, look });
  walk.start(signal);
  while (!signal.aborted) {
    for (const event of walk.take()) told(event);
    const waiting = new AbortController();
    await walk.unlessNews(clock.sleep(1000, waiting.signal), 1000);
    waiting.abort();
  }
}

async function perform(
  { table, service }: World,
  user: string,
  act: (typeof anyAct extends fc.Arbitrary<infer T> ? T : never)['act'],
): Promise<void> {
  const principal = { workspace: 'acme', user, admin: false };
  try {
    if (act.kind === 'view') await service.view(principal, act);
    else if (act.kind === 'type') await service.type(principal, act.task, act.typing);
    else if (act.kind === 'lag') table.lagMs = act.lagMs;
    else if (act.kind === 'trouble') table.fails = act.fails;
    else if (act.visibility === 'gone') table.visibility.delete(act.task);
    else table.visibility.set(act.task, { visibility: act.visibility, created_by: 'bob', assignees: ['cy'] });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** Nobody is said to have left who has been there all the time. */
function checkLeft({ clock, table }: World, told: Picture, event: AwarenessEvent): void {
  if (event.type !== 'presence.left') return;
  const record = table.records.get(event.userId);
  const presence = record && presenceOf(withoutExpired(record, clock.now()));
  const since = presence && new Date(presence.since).toISOString();
  // Who leaves and comes back in the same millisecond has left all the same.
  const hasLeft = table.entries.some(
    ({ entry }) =>
      entry.kind === 'presence' &&
      entry.user === event.userId &&
      entry.after === undefined &&
      entry.at >= (presence?.since ?? Infinity),
  );
  if (since !== undefined && !hasLeft && since === told.viewers.get(event.userId)?.since) {
    throw new Error(`${event.userId} is said to have left`);
  }
}

describe('what is told of other users', () => {
  it('is, once it is quiet, what the table tells, whatever lags, fails and runs out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAct, { minLength: 1, maxLength: 25 }), async (acts) => {
        const world = worldOf();
        const { clock, table, service } = world;
        const over = new AbortController();
        const pictures = principals.map((principal) => ({ principal, picture: new Picture() }));
        const watching = pictures.map(({ principal, picture }) =>
          watch(
            world,
            principal,
            (event) => {
              checkLeft(world, picture, event);
              picture.take(event);
            },
            over.signal,
          ),
        );
        for (const { pause, user, act } of acts) {
          await clock.sleep(pause);
          await perform(world, user, act);
        }
        table.fails = false;
        table.lagMs = 0;
        // Somebody may still be there whose lease runs longer; those who are not are known by then.
        await service.view(
          { workspace: 'acme', user: 'dee', admin: false },
          { viewId: 'z', state: 'active', task: undefined, leaseSeconds: 300 },
        );
        await clock.sleep(90_000);
        for (const { principal, picture } of pictures) {
          const listed = await service.list(principal);
          // What has become visible meanwhile is told with what is said next.
          const known = acts.some(({ act }) => act.kind === 'share') ? { tasks: [] } : {};
          expect(picture.byName.map((viewer) => ({ ...viewer, ...known }))).toEqual(
            listed.map((viewer) => ({ ...viewer, ...known })),
          );
          expect(picture.typing.size).toBe(0);
        }
        over.abort();
        await Promise.all(watching);
      }),
      { numRuns: 150, examples: [[leavesAndComesBack], [renewsLateWhileReadsLag]] },
    );
  });

  it('never names a task to whom it was hidden from when it was said', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAct, { minLength: 1, maxLength: 25 }), async (acts) => {
        const world = worldOf();
        const { clock, table, said } = world;
        // Private throughout, to all but bob and cy.
        table.visibility.set(3, { visibility: 'private', created_by: 'bob', assignees: ['cy'] });
        const over = new AbortController();
        const hidden = (principal: Principal, event: AwarenessEvent): boolean =>
          !principal.admin && JSON.stringify(event).match(/"taskId":3\b|"tasks":\[[^\]]*\b3\b/) !== null;
        const watching = principals.map((principal) =>
          watch(world, principal, (event) => expect(hidden(principal, event)).toBe(false), over.signal),
        );
        for (const { pause, user, act } of acts) {
          await clock.sleep(Math.min(pause, 3000));
          if (act.kind !== 'share' || act.task !== 3) await perform(world, user, act);
        }
        await clock.sleep(2000);
        for (const principal of principals) {
          for (const event of said.flatMap((entry) => eventsOfEntry(entry, principal, entry.at))) {
            expect(hidden(principal, event)).toBe(false);
          }
        }
        over.abort();
        await Promise.all(watching);
      }),
      { numRuns: 100 },
    );
  });

  it('is the same for who hears every entry and knows nothing of what it was told before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAct, { minLength: 1, maxLength: 25 }), async (acts) => {
        const world = worldOf();
        const { clock, said, service, table } = world;
        const [principal] = principals as readonly [Principal];
        const picture = new Picture();
        picture.hasSnapshot = true;
        for (const { pause, user, act } of acts) {
          await clock.sleep(pause);
          if (act.kind !== 'share') await perform(world, user, act);
        }
        table.fails = false;
        table.lagMs = 0;
        // Whoever has gone is looked after by who looks, a few at a time.
        await service.list(principal);
        for (const entry of said) {
          if (entry.kind === 'presence')
            for (const event of eventsOfEntry(entry, principal, entry.at)) picture.take(event);
        }
        expect(picture.byName).toEqual(await service.list(principal));
      }),
      { numRuns: 150 },
    );
  });

  it('is told within two polls of being said', async () => {
    const world = worldOf();
    const { clock, service } = world;
    const over = new AbortController();
    const heard: [type: string, after: number][] = [];
    let saidAt = 0;
    const watching = watch(
      world,
      principals[0]!,
      ({ type }) => heard.push([type, clock.now() - saidAt]),
      over.signal,
    );
    await clock.sleep(2000);
    saidAt = clock.now();
    await service.type({ workspace: 'acme', user: 'bob', admin: false }, 1, true);
    await clock.sleep(20_000);
    over.abort();
    await watching;
    expect(heard.map(([type]) => type)).toEqual(['presence.snapshot', 'typing.started', 'typing.stopped']);
    expect(heard[1]![1]).toBeLessThanOrEqual(feedPollMs);
    expect(heard[2]![1]).toBe(6000);
  });
});
