import type { AwarenessEvent } from '../../protocol/awareness.ts';
import type { Clock, Random } from '../clock.ts';
import { jitter } from '../clock.ts';
import type { Observer } from '../observer.ts';
import type { Principal } from '../subscription/principal.ts';
import type { PresenceFound } from './awareness.ts';
import { Awareness, laggingMs } from './awareness.ts';
import type { AwarenessEntry } from './entries.ts';
import type { AwarenessFeed } from './feed.ts';

/** What following other users needs. */
export interface AwarenessPorts {
  readonly feed: Pick<AwarenessFeed, 'follow'>;
  /**
   * Reads who is there, not consistently, and who may see the tasks that they have open.
   * @throws what the tables throw.
   */
  readonly look: (workspace: string) => Promise<PresenceFound & { readonly units: number }>;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Pick<Observer, 'trouble'>;
}

/** What looking again at who is there may cost, read units a second: the more are there, the less often. */
export const lookUnits = 0.25;

/** The longest and the shortest time between two looks, milliseconds. */
const looksMs = { longest: 15 * 60_000, shortest: 5000 } as const;

/** How long it waits after a look that has failed, milliseconds. */
const troubleMs = 3000;

/** The most entries that wait to be told; who does not read for so long is told anew who is there. */
const mostWaiting = 2000;

/** The way of one stream through what is said of other users. */
export class AwarenessWalk {
  readonly #principal: Principal;
  readonly #ports: AwarenessPorts;
  readonly #awareness: Awareness;
  #entries: AwarenessEntry[] = [];
  #found: PresenceFound | undefined;
  /** When it may be looked again who is there, and when that is worth it, epoch milliseconds. */
  #mayLookAt = -Infinity;
  #longestAt = -Infinity;
  #isLooking = false;
  #news = Promise.withResolvers<void>();

  constructor(principal: Principal, ports: AwarenessPorts) {
    this.#principal = principal;
    this.#ports = ports;
    this.#awareness = new Awareness(principal);
  }

  /** Follows until the signal is aborted. */
  start(signal: AbortSignal): void {
    const take = (entries: readonly AwarenessEntry[], isComplete: boolean): void => {
      this.#entries.push(...entries);
      const isTooMuch = this.#entries.length > mostWaiting;
      if (isTooMuch) this.#entries = [];
      if (isTooMuch || !isComplete) this.#longestAt = -Infinity;
      this.#news.resolve();
    };
    this.#ports.feed.follow(this.#principal.workspace, take, signal);
  }

  /** When there is something to look at though nothing is said, epoch milliseconds. */
  get #nextTurn(): number {
    return Math.min(this.#awareness.nextTypingEnd, this.#isLooking ? Infinity : this.#nextLook);
  }

  /** Whoever may have gone is looked for when a read tells it surely, but for the limit of what it may cost. */
  get #nextLook(): number {
    return Math.max(this.#mayLookAt, Math.min(this.#awareness.firstEnd + laggingMs, this.#longestAt));
  }

  /**
   * Waits for something else, but not longer than until there is something to look at in `take`.
   * @param work may go on, and may fail, when nobody waits for it any more.
   * @param mostMs the longest wait for what comes by itself, milliseconds.
   * @returns undefined where the work has not come to its end.
   * @throws what the work throws.
   */
  async unlessNews<Result>(
    work: Promise<Result>,
    mostMs: number,
  ): Promise<{ readonly result: Result } | undefined> {
    const { clock } = this.#ports;
    work.catch(() => undefined);
    const done = new AbortController();
    const turn = clock.sleep(Math.min(mostMs, Math.max(0, this.#nextTurn - clock.now())), done.signal);
    const others = Promise.race([this.#news.promise, turn]).then(() => undefined);
    try {
      return await Promise.race([work.then((result) => ({ result })), others]);
    } finally {
      done.abort();
    }
  }

  /** What there is to tell, once. */
  take(): readonly AwarenessEvent[] {
    const now = this.#ports.clock.now();
    if (now >= this.#nextLook && !this.#isLooking) void this.#look();
    const events: AwarenessEvent[] = [];
    const found = this.#found;
    this.#found = undefined;
    if (found) events.push(...this.#awareness.look(found, now));
    const entries = this.#entries;
    this.#entries = [];
    this.#news = Promise.withResolvers();
    return [
      ...events,
      ...entries.flatMap((entry) => this.#awareness.take(entry, now)),
      ...this.#awareness.endTyping(now),
    ];
  }

  /** Reads who is there, beside what the stream does otherwise. */
  async #look(): Promise<void> {
    const { look, clock, random, observer } = this.#ports;
    this.#isLooking = true;
    let pause = troubleMs;
    try {
      const { units, ...found } = await look(this.#principal.workspace);
      this.#found = found;
      this.#longestAt = clock.now() + looksMs.longest;
      pause = Math.min(looksMs.longest, Math.max(looksMs.shortest, (units / lookUnits) * 1000));
    } catch (error) {
      observer.trouble('it cannot be read who is there', error);
    }
    this.#mayLookAt = clock.now() + jitter(random, 0.8, 1) * pause;
    this.#isLooking = false;
    this.#news.resolve();
  }
}
