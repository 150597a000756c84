import fc from 'fast-check';
import { jest } from '@jest/globals';
import type { AwarenessEvent } from '../../protocol/awareness.ts';
import { Others } from '../../client/presence/others.ts';
import type { AwarenessEntry } from '../../core/awareness/entries.ts';
import { eventsOfEntry } from '../../core/awareness/viewer.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import { AwarenessService } from '../../lambdas/shared/awareness/awareness-service.ts';
import { awarenessBeginning } from '../../lambdas/websocket/awareness-beginning.ts';
import { silentObserver } from '../core/open-session.ts';
import { VirtualClock } from '../core/virtual-clock.ts';
import { MemoryPresence } from './memory-presence.ts';

const watcher: Principal = { workspace: 'acme', user: 'watcher', admin: false };

/** How long something takes on its way, milliseconds. */
const anyDelay = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 2000 }));

/** How long a write takes at the most, and how far a read is behind: together what `laggingMs` allows for. */
const anyStoreDelay = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 50 }),
  fc.integer({ min: 0, max: 1000 }),
);

/** What somebody says after a pause, and how long it takes until it is written, who hears it is looked up, and it is told. */
const anyWord = fc.record({
  pause: anyDelay,
  user: fc.constantFrom('ana', 'bob'),
  state: fc.constantFrom('active', 'hidden', 'left' as const),
  task: fc.option(fc.constantFrom(1, 2), { nil: undefined }),
  isTyping: fc.option(fc.boolean(), { nil: undefined }),
  leaseSeconds: fc.oneof(fc.constant(300), fc.integer({ min: 1, max: 4 })),
  writing: anyStoreDelay,
  ordering: anyDelay,
  pushing: anyDelay,
});
type Word = typeof anyWord extends fc.Arbitrary<infer T> ? T : never;

const atOnce = { writing: 0, ordering: 0, pushing: 0 };

/** When the client subscribes, milliseconds, how far reads that are not consistent are behind then, and how long its frames take. */
const anySubscribe = fc.record({
  pause: fc.integer({ min: 0, max: 6000 }),
  lagMs: anyStoreDelay,
  reading: anyDelay,
  frames: fc.array(anyDelay, { minLength: 1, maxLength: 5 }),
});
type Subscribe = typeof anySubscribe extends fc.Arbitrary<infer T> ? T : never;

/** A page says that it is there in the last moment of its lease, and the reader of the snapshot is behind. */
const renewsLateWhileReadsLag: [Word[], Subscribe] = [
  [0, 1999].map((pause) => ({
    pause,
    user: 'ana',
    state: 'active',
    task: undefined,
    isTyping: undefined,
    leaseSeconds: 2,
    ...atOnce,
  })),
  { pause: 2100, lagMs: 500, reading: 0, frames: [0] },
];

/** A workspace whose words take their time, and a client that hears of them over a WebSocket. */
class World {
  readonly clock = new VirtualClock();
  readonly table = new MemoryPresence(() => this.clock.now());
  readonly others = new Others(false, () => undefined);
  readonly #under: Promise<void>[] = [];
  #isSubscribed = false;

  constructor() {
    for (const id of [1, 2])
      this.table.visibility.set(id, { visibility: 'workspace', created_by: 'bob', assignees: [] });
  }

  /** A service of which each write takes a while, and so does what is pushed. */
  service({ writing, ordering, pushing }: Pick<Word, 'writing' | 'ordering' | 'pushing'>): AwarenessService {
    const { clock, table } = this;
    return new AwarenessService({
      presence: {
        list: () => table.list(),
        readNeighbourhood: (workspace, user) => table.readNeighbourhood(workspace, user),
        put: (...all) => clock.sleep(writing).then(() => table.put(...all)),
        say: (...all) => clock.sleep(writing).then(() => table.say(...all)),
      },
      typing: table,
      tasks: table,
      handOn: (_, entries) => {
        // Nobody waits for it.
        this.#later(ordering, () => {
          if (this.#isSubscribed) this.#later(pushing, () => this.#tellSaid(entries));
        });
        return Promise.resolve();
      },
      observer: silentObserver,
      pause: (milliseconds) => clock.sleep(milliseconds),
      now: () => clock.now(),
    });
  }

  async say({ user, state, task, isTyping, leaseSeconds, ...takes }: Word): Promise<void> {
    const service = this.service(takes);
    const principal = { workspace: 'acme', user, admin: false };
    await service.view(principal, { viewId: 'a', state, task, leaseSeconds });
    if (isTyping !== undefined) await service.type(principal, task ?? 1, isTyping).catch(() => undefined);
  }

  async subscribe({ lagMs, reading, frames }: Subscribe): Promise<void> {
    const { clock, table } = this;
    this.#isSubscribed = true;
    table.lagMs = lagMs;
    const service = this.service(atOnce);
    const events = await awarenessBeginning(watcher, {
      awareness: {
        look: async (workspace) => {
          const found = await service.look(workspace);
          await clock.sleep(reading);
          return found;
        },
      },
      said: table,
      clock,
    });
    for (const [index, event] of events.entries())
      this.#later(frames[index % frames.length]!, () => this.others.take(event));
  }

  /** Runs something after a while, as what overtakes something else. */
  #later(milliseconds: number, run: () => void): void {
    this.#under.push(this.clock.sleep(milliseconds).then(run));
  }

  #tellSaid(entries: readonly AwarenessEntry[]): void {
    const events: AwarenessEvent[] = entries.flatMap((entry) =>
      eventsOfEntry(entry, watcher, this.clock.now()),
    );
    for (const event of events) this.others.take(event);
  }

  /** Resolves when all has arrived. */
  async quiet(): Promise<void> {
    while (this.#under.length > 0) await Promise.all(this.#under.splice(0));
  }
}

beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

describe('who is there, for a client of a WebSocket', () => {
  it('is what the table tells once it is quiet, however long words take to be written and told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyWord, { minLength: 1, maxLength: 8 }),
        anySubscribe,
        async (words, subscribe) => {
          const world = new World();
          const { clock, table, others } = world;
          let at = 0;
          const speaking = words.map(async (word) => {
            at += word.pause;
            await clock.sleep(at);
            await world.say(word);
          });
          await clock.sleep(subscribe.pause);
          await world.subscribe(subscribe);
          await Promise.all(speaking);
          await world.quiet();
          table.lagMs = 0;
          // Whoever has gone without a word is looked after by who looks, and that is told too.
          const listed = await world.service(atOnce).list(watcher);
          await world.quiet();
          expect(others.viewers).toEqual(listed);
        },
      ),
      { numRuns: 500, examples: [renewsLateWhileReadsLag] },
    );
  });
});
