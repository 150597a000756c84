import type { ConnectionStatus, Source, SourceListener } from '../../client/connection/source.ts';
import { Member } from '../../client/sharing/member.ts';
import type { Message } from '../../client/sharing/messages.ts';

/** What a world is like. */
export interface GroundOptions {
  /** How many entries each tab keeps for others. */
  readonly kept?: number;
  /** Whether the server accepts the token of a tab, by its number; it does unless it is said. */
  readonly isGood?: (tab: number) => boolean;
}

/** What tabs stand on: the browser and the server. */
export interface Ground {
  readonly options: GroundOptions;
  readonly head: number;
  readonly oldest: number;
  readonly now: number;
  /** How many sessions have begun without a cursor: after the first one, some tab has led that had heard nothing of it. */
  begun: number;
  post(from: SimulatedTab, message: Message): void;
  request(tab: SimulatedTab, isStolen: boolean): void;
  release(tab: SimulatedTab): void;
  forget(tab: SimulatedTab): void;
}

/**
 * What a tab was told: an event by its number, or to load, with the server's last event then and the last one before the place
 * in the stream that it was told.
 */
type Told =
  { readonly event: number } | { readonly reload: string; readonly head: number; readonly place: number };

/** A tab of the simulated browser: the real code of one that shares, its session, and what it was told. */
export class SimulatedTab {
  readonly number: number;
  /** By which the others know it. */
  readonly id: number;
  readonly told: Told[] = [];
  readonly statuses: ConnectionStatus[] = [];
  readonly frames: string[] = [];
  readonly member: Member;
  session: SimulatedSession | undefined;
  isOpen = false;
  isFrozen = false;
  isDead = false;
  /** What the lock is about to tell it. */
  isGranted = false;
  isRobbed = false;
  /** How often its token was refused. */
  refusals = 0;
  readonly #world: Ground;

  constructor(world: Ground, number: number) {
    this.#world = world;
    this.number = number;
    this.id = (number + 1) / 1024;
    const clock = (): number => world.now;
    const listener: SourceListener = {
      onStatus: (status) => this.statuses.push(status),
      onFrame: ({ data }) => {
        const { type, place } = JSON.parse(data) as { readonly type?: string; readonly place: number };
        this.frames.push(data);
        if (type === 'task.updated') this.told.push({ event: place });
      },
      onReload: (reload, cursor = '') => {
        this.told.push({ reload, head: world.head, place: cursor === '' ? NaN : Number(cursor.slice(1)) });
      },
    };
    this.member = new Member(
      {
        id: this.id,
        clocks: { now: clock, monotonic: clock },
        post: (message) => this.isOpen && world.post(this, message),
        lock: (isStolen) => world.request(this, isStolen),
        unlock: () => world.release(this),
      },
      {
        createSession: (cursor, given) => {
          this.session = new SimulatedSession(world, this, cursor, given);
          return this.session;
        },
        listener,
        kept: world.options.kept,
      },
    );
  }

  get status(): ConnectionStatus | undefined {
    return this.statuses.at(-1);
  }

  get isStarted(): boolean {
    return this.told.length > 0;
  }

  /** How often it was told to load. */
  get reloads(): number {
    return this.told.filter((each) => 'reload' in each).length;
  }

  open(): void {
    const isJoined = this.isOpen;
    this.isOpen = true;
    this.member.open(isJoined);
  }

  /** As the page does that goes into the browser's cache. */
  pause(): void {
    this.member.leave({ state: 'offline', reason: 'paused' });
    this.#close();
  }

  /** It is gone without a word. */
  kill(): void {
    if (this.session) this.session.state = 'closed';
    this.isDead = true;
    this.#world.release(this);
    this.#close();
  }

  thaw(): void {
    if (!this.isFrozen) return;
    this.isFrozen = false;
    this.member.look(true);
  }

  #close(): void {
    this.isOpen = false;
    this.isFrozen = false;
    this.#world.forget(this);
  }

  /** What is wrong with what it was told: an event lost, doubled or out of order; undefined when nothing is. */
  get complaint(): string | undefined {
    let last: number | undefined;
    let isLoaded = false;
    let place = 0;
    for (const each of this.told) {
      if ('reload' in each) {
        last = each.head;
        place = each.place;
        if (!(place <= last)) return `${each.reload} at ${place} of ${last}`;
        isLoaded = true;
        continue;
      }
      if (last === undefined) return `event ${each.event} before any load`;
      // A state is loaded after it is asked for, so what it has may be told as well; and what is told next is the next.
      if (isLoaded ? each.event > last + 1 : each.event !== last + 1)
        return `event ${each.event} after ${last}`;
      if (isLoaded && each.event > place + 1) return `event ${each.event} after the place ${place}`;
      last = each.event;
      isLoaded = false;
    }
    if (last === undefined || last < this.#world.head) return `nothing after ${last}`;
    return undefined;
  }
}

/** A session of a tab with the simulated server, in the order of calls of the real one. */
export class SimulatedSession implements Source {
  state: 'closed' | 'opening' | 'resuming' | 'live' = 'closed';
  readonly #world: Ground;
  readonly #tab: SimulatedTab;
  readonly #listener: SourceListener;
  #place: number | undefined;

  constructor(world: Ground, tab: SimulatedTab, cursor: string | undefined, listener: SourceListener) {
    this.#world = world;
    this.#tab = tab;
    this.#listener = listener;
    this.#place = cursor === undefined ? undefined : Number(cursor.slice(1));
  }

  get canStep(): boolean {
    return this.state !== 'closed';
  }

  /** Whether there is nothing to come but pings. */
  get isIdle(): boolean {
    return this.state === 'live' && this.#place === this.#world.head;
  }

  open(): void {
    this.state = 'opening';
    this.#listener.onStatus({ state: this.#place === undefined ? 'connecting' : 'recovering' });
  }

  pause(): void {
    this.state = 'closed';
    this.#listener.onStatus({ state: 'offline' });
  }

  /** The connection is lost, and comes back. */
  lose(): void {
    if (this.state === 'closed') return;
    this.state = 'opening';
    this.#listener.onStatus({ state: 'recovering', reason: 'lost' });
  }

  /** The server ends it for good. */
  end(reason: string): void {
    this.state = 'closed';
    this.#listener.onFrame({ name: 'end', id: '', data: JSON.stringify({ reason, reconnect: false }) });
    this.#listener.onStatus({ state: 'denied', reason });
  }

  /** The next transport is established, whose first cursor is that of the handover before: the events since come again, and are dropped. */
  handOver(by: number): void {
    if (this.state !== 'live') return;
    this.#frame(Math.max(this.#place! - by, this.#world.oldest), 'connection.established');
  }

  /** What comes next. */
  step(): void {
    if (this.state === 'opening') this.#establish();
    else if (this.state === 'resuming') this.#resume();
    else if (this.#place! < this.#world.head) {
      this.#place! += 1;
      this.#frame(this.#place!, 'task.updated');
    } else this.#listener.onFrame({ name: 'ping', id: `c${this.#place}`, data: '{"timestamp":""}' });
  }

  #establish(): void {
    if (this.#world.options.isGood?.(this.#tab.number) === false) {
      this.state = 'closed';
      this.#tab.refusals += 1;
      return this.#listener.onStatus({ state: 'denied', reason: 'token_invalid' });
    }
    const isFirst = this.#place === undefined;
    if (isFirst) this.#world.begun += 1;
    this.#place ??= this.#world.head;
    this.state = isFirst ? 'live' : 'resuming';
    this.#frame(this.#place, 'connection.established');
    this.#listener.onStatus({ state: 'live' });
    if (isFirst) this.#listener.onReload('started');
  }

  #resume(): void {
    this.state = 'live';
    const complete = this.#place! >= this.#world.oldest;
    if (!complete) this.#place = this.#world.head;
    const data = JSON.stringify(complete ? { complete } : { complete, reason: 'history_expired' });
    this.#listener.onFrame({ name: 'resume', id: `c${this.#place}`, data });
    if (!complete) this.#listener.onReload('history_expired');
  }

  #frame(place: number, type: string): void {
    this.#listener.onFrame({
      name: 'message',
      id: `c${place}`,
      data: JSON.stringify({ type, place }),
    });
  }
}
