import { Random } from '../faults/random.ts';
import { openingMs } from '../lambdas/stream/opening-time.ts';
import type { StormClient, Wait } from './clients.ts';
import { laptop } from './laptop.ts';
import { quotas } from './quotas.ts';
import type { Load } from './scenario.ts';
import {
  Budget,
  connectsPerSecond,
  mostProcesses,
  partLeft,
  tickMs,
  ticksPerSecond,
} from './storm-bounds.ts';

/** What comes of it when all streams are cut at once. */
export interface StormResult {
  /** After how many seconds half of those who come back are back, and the last; undefined where nobody is. */
  readonly halfSeconds: number | undefined;
  readonly lastSeconds: number | undefined;
  readonly back: number;
  /** Clients that a status has ended for good. */
  readonly ended: number;
  /** Clients that are still trying after `horizonSeconds`. */
  readonly trying: number;
}

/** What a storm meets besides the load that there was. */
export interface StormOptions {
  readonly seed: number;
  /** Places for streams, as many times what the streams take that are open; what the quotas give counts where it is more. */
  readonly headroom: number;
}

export const horizonSeconds = 900;
const ticks = horizonSeconds * ticksPerSecond;
/** After so many failures a client waits no longer. */
const mostAttempts = 8;
/** How long the edge waits for the first byte of an answer, `lib/edge/edge.ts`; it answers 504 then. */
const edgeMs = 30_000;

/** Clients that came together and wait for a place or a processor, and how often they have failed. */
interface Waiting {
  readonly tick: number;
  readonly attempt: number;
  count: number;
}

/** Lets all clients of a load come back. */
export function simulateStorm(load: Load, client: StormClient, options: StormOptions): StormResult {
  return new Storm(load, client, options).run();
}

class Storm {
  readonly #load: Load;
  readonly #client: StormClient;
  readonly #random: Random;
  /** How many come in each tick: those who have never failed, then those who have once, and so on. */
  readonly #coming = new Uint32Array((mostAttempts + 1) * ticks);
  readonly #backAt = new Uint32Array(ticks);
  readonly #queue: Waiting[] = [];
  readonly #edge = new Budget(quotas.edgeRequests.amount);
  readonly #endpoint: Budget;
  readonly #growth: Budget;
  /** What the tables let in. */
  readonly #tables: Budget;
  readonly #mostProcesses: number;
  #processes: number;
  /** Places in the processes that there are. */
  #free: number;
  #zombies: number;
  readonly #result = { ended: 0, trying: 0 };

  constructor(load: Load, client: StormClient, { seed, headroom }: StormOptions) {
    const { host, open, processes } = load;
    this.#load = load;
    this.#client = client;
    this.#random = new Random(seed);
    this.#endpoint = new Budget(host.requestsPerSecond);
    this.#growth = new Budget(host.growth.perSecond, host.growth.burst);
    this.#tables = new Budget(connectsPerSecond(load));
    this.#processes = processes;
    this.#mostProcesses = mostProcesses(load, headroom);
    this.#zombies = host.hearsLeaving ? 0 : Math.round(open);
    this.#free = processes * host.placesPerProcess - this.#zombies;
  }

  run(): StormResult {
    this.#comeBack(this.#load.streams, 0, this.#client.afterCut, 0);
    for (let tick = 0; tick < ticks; tick += 1) {
      for (const budget of [this.#edge, this.#endpoint, this.#growth, this.#tables]) budget.tick();
      this.#endZombies(tick);
      for (let attempt = mostAttempts; attempt >= 0; attempt -= 1) {
        this.#arrive(this.#coming[attempt * ticks + tick] ?? 0, attempt, tick);
      }
      this.#serveQueue(tick);
    }
    const waiting = this.#queue.reduce((sum, { count }) => sum + count, 0);
    const back = this.#backAt.reduce((sum, count) => sum + count, 0);
    return {
      halfSeconds: this.#secondsUntil(back / 2),
      lastSeconds: this.#secondsUntil(back),
      back,
      ...this.#result,
      trying: this.#result.trying + waiting,
    };
  }

  /** Clients come to the edge, which hands them on to the host. */
  #arrive(count: number, attempt: number, tick: number): void {
    const { whenFull } = this.#load.host;
    const passed = this.#endpoint.take(this.#edge.take(count));
    this.#refuse(count - passed, attempt, tick, 'status');
    if (whenFull === 'queue') return this.#wait(passed, attempt, tick);
    const placed = this.#place(passed);
    this.#refuse(passed - placed, attempt, tick, whenFull);
    // An environment with one stream has its processor for itself.
    if (this.#load.host.placesPerProcess === 1) this.#letIn(placed, attempt, tick);
    else this.#wait(placed, attempt, tick);
  }

  #wait(count: number, attempt: number, tick: number): void {
    if (count > 0) this.#queue.push({ tick, attempt, count });
  }

  /** Takes places, in more processes where there are none left. */
  #place(count: number): number {
    const { placesPerProcess } = this.#load.host;
    const wanted = Math.ceil(Math.max(0, count - this.#free) / placesPerProcess);
    const more = this.#growth.take(Math.min(wanted, this.#mostProcesses - this.#processes));
    this.#processes += more;
    this.#free += more * placesPerProcess;
    const placed = Math.min(count, this.#free);
    this.#free -= placed;
    return placed;
  }

  /** The processors let in whom they can, in the order in which they came. */
  #serveQueue(tick: number): void {
    const { host } = this.#load;
    const isPlaced = host.whenFull !== 'queue';
    const patience = (isPlaced ? openingMs : edgeMs) / tickMs;
    let able = Math.floor((this.#processes * host.processors * 1000) / laptop.connectMs / ticksPerSecond);
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const isLate = tick - first.tick > patience;
      const served = isLate ? 0 : Math.min(first.count, able);
      const placed = isPlaced ? served : this.#place(served);
      this.#letIn(placed, first.attempt, tick);
      able -= placed;
      first.count -= placed;
      if (isLate) {
        if (isPlaced) this.#free += first.count;
        this.#refuse(first.count, first.attempt, tick, isPlaced ? 'retry' : 'status');
        first.count = 0;
      }
      if (first.count > 0) return;
      this.#queue.shift();
    }
  }

  /** Those who have a place are let in as fast as the tables bear; the others are asked to come again. */
  #letIn(count: number, attempt: number, tick: number): void {
    const back = this.#tables.take(count);
    increase(this.#backAt, tick, back);
    this.#free += count - back;
    this.#refuse(count - back, attempt, tick, 'retry');
  }

  #refuse(count: number, attempt: number, tick: number, how: 'status' | 'retry'): void {
    if (count === 0) return;
    const failed = Math.min(mostAttempts, attempt + 1);
    const wait = how === 'retry' ? this.#client.afterRetry(failed) : this.#client.afterStatus(failed);
    if (wait === undefined) this.#result.ended += count;
    else this.#comeBack(count, failed, wait, tick);
  }

  /** Spreads clients over a time, evenly but for a rest, and that by chance. */
  #comeBack(count: number, attempt: number, [from, to]: Wait, tick: number): void {
    const first = tick + Math.max(1, Math.round(from / tickMs));
    const width = Math.max(1, Math.round((to - from) / tickMs));
    const each = Math.floor(count / width);
    const add = (at: number, some: number): void => {
      if (at < ticks) increase(this.#coming, attempt * ticks + at, some);
      else this.#result.trying += some;
    };
    if (each > 0) for (let index = 0; index < width; index += 1) add(first + index, each);
    for (let rest = count - each * width; rest > 0; rest -= 1) {
      add(first + this.#random.integer(0, width - 1), 1);
    }
  }

  /** Streams whose clients have gone end when their sessions do, and their places are free. */
  #endZombies(tick: number): void {
    if (this.#load.host.hearsLeaving) return;
    const left = Math.round(
      this.#load.open * partLeft(tick / ticksPerSecond, this.#load.stage.sessionSeconds),
    );
    this.#free += this.#zombies - left;
    this.#zombies = left;
  }

  #secondsUntil(count: number): number | undefined {
    let left = count;
    for (const [tick, back] of this.#backAt.entries()) {
      left -= back;
      if (back > 0 && left <= 0) return (tick + 1) / ticksPerSecond;
    }
    return undefined;
  }
}

function increase(counts: Uint32Array, index: number, by: number): void {
  counts[index] = (counts[index] ?? 0) + by;
}
