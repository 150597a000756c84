import fc from 'fast-check';
import { appendBatch } from '../../core/log/append.ts';
import { CursorSeal } from '../../core/log/cursor.ts';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import type { Segment } from '../../core/log/segment.ts';
import { CatchUp } from '../../core/push/catch-up.ts';
import { placeOf } from '../../core/push/place.ts';
import { pushesOf } from '../../core/push/pushes.ts';
import type { Filter } from '../../core/subscription/filter.ts';
import { framesFrom } from '../../core/subscription/frames-from.ts';
import type { Subscription } from '../../core/subscription/subscription.ts';
import type { Place, SocketFrame } from '../../protocol/web-socket.ts';
import { encodeSocketFrame } from '../../protocol/web-socket.ts';
import type { Task } from '../../protocol/task.ts';
import type { Follower, ReceivedSocketFrame, Said } from '../../faults/board/follower.ts';
import { followers } from '../client/package-follower.ts';
import { MemoryLog, sampleLog } from './memory-log.ts';
import { noTasks } from './memory-tasks.ts';
import { silentObserver } from './open-session.ts';
import { write } from './table-writes.ts';
import { anyPrincipal, anyTask, anyTaskFilter } from './task-samples.ts';
import { VirtualClock } from './virtual-clock.ts';

type Wish = Said & { readonly filter?: Filter };

/** What one subscription was told, and from where on. */
interface Told {
  readonly filter: Filter;
  readonly from: Place;
  readonly events: unknown[];
  /** Where the client is. */
  place: Place;
}

/** A workspace with one client of a WebSocket, and everything between them that can go wrong. */
class World {
  readonly log = new MemoryLog();
  readonly #clock = new VirtualClock();
  readonly #principal: Subscription['principal'];
  readonly #table = new Map<number, Task>();
  readonly #client: Follower<{ filter: Filter }>;
  readonly told: Told[] = [];
  /** Where the client was, and where it went on, at the begin of each subscription with the filter of the one before. */
  readonly jumps: Array<readonly [Place, Place]> = [];
  #filter: Filter = {};
  #source = 1;
  /** What was sent to the client and has not arrived. */
  #toClient: SocketFrame[] = [];
  #toServer: Wish[] = [];
  /** What the server is doing, a step at a time. */
  #work: Array<() => Promise<boolean>> = [];
  /** The connection as the tables know it. */
  #subscribed: { readonly name: string; readonly filter: Filter } | undefined;

  constructor(principal: Subscription['principal'], follower: (typeof followers)[number][1]) {
    this.#principal = principal;
    this.#client = follower(
      (said) => this.#toServer.push(said),
      (frame) => this.#deliver(frame),
    );
  }

  #deliver({ event, data, place, given }: ReceivedSocketFrame): void {
    const last = this.told.at(-1);
    if (data['type'] === 'connection.established') {
      // With the cursor of the one before it goes on where that was; another filter may not have that place.
      if (last?.filter === this.#filter) this.jumps.push([last.place, place]);
      this.told.push({ filter: this.#filter, from: place, events: [], place });
      return;
    }
    // It cannot go on from its cursor, loads everything again and begins here, whether it has heard of the begin or not.
    if (given !== undefined) {
      this.told.push({ filter: this.#filter, from: place, events: [], place });
      return;
    }
    // The end of an answer moves the client past what it may not see.
    if (event === 'message') last!.events.push(data);
    last!.place = place;
  }

  subscribe(filter: Filter): void {
    this.#filter = filter;
    this.#client.subscribe({ filter });
  }

  ping(): void {
    this.#client.ping();
  }

  /** The connection breaks: what was on its way is lost, and the client comes back with another. */
  reconnect(filter: Filter): void {
    this.#toClient = [];
    this.#toServer = [];
    this.#subscribed = undefined;
    this.subscribe(filter);
  }

  /** Something is written and logged; then the fan-outs that do it, one or two, push it when their turn comes. */
  async change(id: number, image: Task | undefined, fanOuts: number): Promise<void> {
    const changes = write(this.#table, [[id, image]], this.#source);
    this.#source += 1;
    const before = this.log.segments('acme').length;
    const options = { now: () => this.#clock.now(), newLog: () => sampleLog, historySeconds: 86_400 };
    await appendBatch(this.log, { workspace: 'acme', stream: 's', changes }, options);
    const fresh = this.log.segments('acme').slice(before);
    if (fresh.length === 0) return;
    for (let fanOut = 0; fanOut < fanOuts; fanOut += 1) this.#work.push(async () => this.#push(fresh));
  }

  /** A fan-out looks up who has subscribed, and sends. It knows the two segments before, or what it has. */
  #push(fresh: readonly Segment[]): boolean {
    if (!this.#subscribed) return false;
    const { name, filter } = this.#subscribed;
    const first = fresh[0]!.segment;
    const earlier = this.log
      .segments('acme')
      .filter(({ segment }) => segment < first && segment >= first - 2);
    const seal = new CursorSeal(sampleLog, this.#principal);
    const pushed = pushesOf(earlier, fresh, { principal: this.#principal, filter });
    for (const { type, json, before, after } of pushed) {
      const event = type === 'resume' ? 'resume' : 'message';
      const places = { place: placeOf(after), after: placeOf(before) };
      this.#toClient.push({
        subscription: name,
        id: seal.seal(after),
        event,
        log: after.log,
        ...places,
        json,
      });
    }
    return false;
  }

  #serve({ action, subscription, cursor, filter }: Wish): void {
    if (action === 'subscribe') this.#subscribed = { name: subscription, filter: filter! };
    else if (this.#subscribed?.name !== subscription) {
      const json = '{"code":"subscription_unknown"}';
      this.#toClient.push({ subscription, event: 'error', json } as unknown as SocketFrame);
      return;
    }
    const { filter: wanted } = this.#subscribed;
    const catchUp = new CatchUp(
      { principal: this.#principal, filter: wanted },
      {
        reader: new SegmentReader(this.log, {
          clock: this.#clock,
          random: () => 0.5,
          pollMinMs: 20,
          pollMaxMs: 100,
        }),
        tasks: noTasks,
        clock: this.#clock,
        random: () => 0.5,
        observer: silentObserver,
      },
    );
    const greeting = action === 'subscribe' ? '{"type":"connection.established"}' : undefined;
    const last = { event: action === 'ping' ? ('ping' as const) : ('live' as const), json: '{}' };
    const frames = catchUp.frames({ cursor }, greeting, last, action !== 'ping');
    const step = async (): Promise<boolean> => {
      const next = await frames.next();
      if (next.done) return false;
      const { id, event, json, position, before, given } = next.value;
      const after = before && placeOf(before);
      const { log } = position;
      this.#toClient.push({ subscription, id, event, log, place: placeOf(position), after, given, json });
      return true;
    };
    this.#work.push(step);
  }

  /** Something of what is under way happens; what, and whether it goes wrong, the number says. */
  async step(choice: number): Promise<void> {
    const what = choice % 4;
    const pick = Math.floor(choice / 4);
    if (what === 0 && this.#toServer.length > 0) {
      const [said] = this.#toServer.splice(pick % this.#toServer.length, 1);
      this.#serve(said!);
    } else if (what === 1 && this.#work.length > 0) {
      const [work] = this.#work.splice(pick % this.#work.length, 1);
      if (await work!()) this.#work.push(work!);
    } else if (what > 1 && this.#toClient.length > 0) {
      const index = Math.floor(pick / 8) % this.#toClient.length;
      const fate = pick % 8;
      // One in eight is lost, one comes twice, two before their turn, the others in it.
      const [frame] = fate < 4 ? this.#toClient.splice(index, 1) : this.#toClient.splice(0, 1);
      if (fate === 0) return;
      if (fate === 1) this.#toClient.push(frame!);
      this.#arrive(frame!);
    }
  }

  #arrive(frame: SocketFrame): void {
    const received = JSON.parse(encodeSocketFrame(frame)) as ReceivedSocketFrame;
    this.#client.receive(received);
  }

  /** What a subscription is to be told, from its place on. */
  wanted({ filter, from: [segment, change, frame] }: Told): readonly unknown[] {
    const segments = this.log.segments('acme').filter((each) => each.segment >= segment);
    const position = { log: sampleLog.log, segment, change, frame };
    const { frames } = framesFrom(segments, position, { principal: this.#principal, filter });
    return frames.map(({ json }): unknown => JSON.parse(json));
  }

  /** Everything that is under way happens, and nothing goes wrong any more. */
  async settle(): Promise<void> {
    for (let rounds = 0; this.#toServer.length + this.#work.length + this.#toClient.length > 0; rounds += 1) {
      if (rounds === 10_000) throw new Error('this goes on for ever');
      const said = this.#toServer.shift();
      if (said) this.#serve(said);
      const work = this.#work.shift();
      if (work && (await work())) this.#work.unshift(work);
      const frame = this.#toClient.shift();
      if (frame) this.#arrive(frame);
    }
  }
}

/** What happens: a number that says what goes on, or something that somebody does. */
const anyStep = fc.oneof(
  { weight: 20, arbitrary: fc.nat(4 * 8 * 8 - 1) },
  {
    weight: 4,
    arbitrary: fc.record({
      change: fc.integer({ min: 1, max: 3 }),
      image: fc.option(anyTask, { nil: undefined }),
      fanOuts: fc.constantFrom(0, 1, 1, 1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom('ping' as const, 'subscribe' as const, 'reconnect' as const) },
);

describe.each(followers)('pushes to the client %s', (_, follower) => {
  it('are told once and in order, though they are lost, late and doubled, and asked for again meanwhile', async () => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(
        anyPrincipal,
        fc.tuple(anyTaskFilter, anyTaskFilter),
        fc.array(anyStep, { minLength: 20, maxLength: 80 }),
        async (principal, filters, steps) => {
          const world = new World(principal, follower);
          world.subscribe(filters[0]);
          let filter = 0;
          for (const step of steps) {
            if (typeof step === 'number') await world.step(step);
            else if (step === 'ping') world.ping();
            else if (step === 'reconnect') world.reconnect(filters[filter]!);
            else if (step === 'subscribe') world.subscribe(filters[(filter = 1 - filter)]!);
            else await world.change(step.change, step.image, step.fanOuts);
          }
          await world.settle();
          // What was lost, and nothing came after, shows in the answer to a ping.
          world.ping();
          await world.settle();
          for (const each of world.told.slice(0, -1)) {
            expect(each.events).toEqual(world.wanted(each).slice(0, each.events.length));
          }
          for (const [left, found] of world.jumps) expect(found).toEqual(left);
          const last = world.told.at(-1)!;
          expect(last.filter).toBe(filters[filter]);
          expect(last.events).toEqual(world.wanted(last));
          told += last.events.length;
        },
      ),
      { numRuns: 10_000 },
    );
    expect(told).toBeGreaterThan(10_000);
  });
});
