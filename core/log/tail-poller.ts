import type { Clock } from '../clock.ts';
import type { Observer } from '../observer.ts';
import type { PageReader } from './page-reader.ts';
import { pageSegments } from './page-reader.ts';
import type { PaceOptions } from './poll-pace.ts';
import { mostSharers, PollPace, sharedPauseMs } from './poll-pace.ts';
import type { ReadResult } from './read-store.ts';
import { nothingYet } from './read-store.ts';
import { keyOf } from './segment-cache.ts';

/** How and how often the end of a log is polled. */
export interface PollOptions extends PaceOptions {
  readonly clock: Clock;
  readonly observer?: Pick<Observer, 'polled'>;
}

/** Without a reason of its own, each abort would make an error with a stack trace. */
const alarmOff = 'the alarm is not needed any more';

/** A wait at the end of a log. */
export interface Wait {
  /**
   * The next segments when a poll finds them, `none` when the time is up.
   * @throws whatever the store throws at a poll.
   */
  readonly result: Promise<ReadResult>;
  /** Ends it, with `none`. */
  readonly end: () => void;
}

/** A stream that waits at the end of a log. */
interface Waiter {
  readonly until: number;
  readonly resolve: (result: ReadResult) => void;
  readonly reject: (error: unknown) => void;
}

/** One poller, and one alarm for those whose time is up, for all the streams of a process that wait at the same place. */
interface Tail {
  readonly waiters: Set<Waiter>;
  readonly pace: PollPace;
  isPolling: boolean;
  /** When the last read came back that found nothing, epoch milliseconds. */
  readAt: number | undefined;
  /** When the alarm rings, epoch milliseconds; Infinity while it is off. */
  alarmAt: number;
  alarm: AbortController;
}

/**
 * Waits at the ends of logs for all the streams of a process: those that wait at the same place share one poller, which is
 * quick while changes flow and slows down when they do not.
 */
export class TailPoller {
  readonly #pages: PageReader;
  readonly #options: PollOptions;
  readonly #tails = new Map<string, Tail>();

  constructor(pages: PageReader, options: PollOptions) {
    this.#pages = pages;
    this.#options = options;
  }

  /** Waits `timeoutMs` at the most. Costs nothing extra when others wait there too. */
  waitFor(workspace: string, log: string, from: number, timeoutMs: number): Wait {
    const remembered = this.#pages.remembered(workspace, log, from, pageSegments, false);
    if (remembered) return { result: Promise.resolve(remembered), end: () => undefined };
    const tail = this.#tailOf(`${keyOf(workspace, log)}/${from}`);
    const { promise, resolve, reject } = Promise.withResolvers<ReadResult>();
    const until = this.#options.clock.now() + timeoutMs;
    const waiter = { until, resolve, reject };
    tail.waiters.add(waiter);
    if (until < tail.alarmAt) void this.#ringAt(until, tail);
    if (!tail.isPolling) void this.#pollFor(workspace, log, from, tail);
    return { result: promise, end: () => sendAway(waiter, tail) };
  }

  #tailOf(key: string): Tail {
    let tail = this.#tails.get(key);
    if (!tail) {
      tail = {
        waiters: new Set(),
        pace: new PollPace(this.#options, this.#options.clock.now()),
        isPolling: false,
        readAt: undefined,
        alarmAt: Infinity,
        alarm: new AbortController(),
      };
      this.#tails.set(key, tail);
    }
    return tail;
  }

  /** Polls, and gives what it finds to all who wait. */
  async #pollFor(workspace: string, log: string, from: number, tail: Tail): Promise<void> {
    tail.isPolling = true;
    let settle: (waiter: Waiter) => void;
    try {
      const result = await this.#poll(workspace, log, from, tail);
      settle = ({ resolve }) => resolve(result);
    } catch (error) {
      settle = ({ reject }) => reject(error);
    }
    this.#tails.delete(`${keyOf(workspace, log)}/${from}`);
    tail.alarm.abort(alarmOff);
    for (const waiter of tail.waiters) settle(waiter);
  }

  /** Polls until there is something to tell, or nobody waits any more. */
  async #poll(workspace: string, log: string, from: number, tail: Tail): Promise<ReadResult> {
    const { clock, observer } = this.#options;
    while (tail.waiters.size > 0) {
      await this.#pause(tail);
      // Who has gone meanwhile pays for no page of what has come.
      if (tail.waiters.size === 0) break;
      observer?.polled();
      const result = tail.pace.checksHead(clock.now())
        ? await this.#pages.readChecked(workspace, log, from)
        : await this.#pages.readPlainly(workspace, log, from, pageSegments);
      if (result.kind !== 'none') return result;
      tail.readAt = clock.now();
    }
    return nothingYet;
  }

  /** Pauses until the next poll. Streams come and go meanwhile, most of them right after the one that began to wait. */
  async #pause({ pace, waiters }: Tail): Promise<void> {
    const { clock } = this.#options;
    const pauseMs = pace.nextPauseMs();
    const shortestMs = sharedPauseMs(pauseMs, mostSharers);
    const begin = clock.now();
    for (;;) {
      if (waiters.size === 0) return;
      const left = begin + sharedPauseMs(pauseMs, waiters.size) - clock.now();
      if (left <= 0) return;
      await clock.sleep(Math.min(left, shortestMs));
    }
  }

  /**
   * Sends those away whose time is up, then sets the alarm for the next. A timer for each waiter would be most of what a
   * process with a thousand streams does: each change ends a thousand waits.
   */
  async #ringAt(at: number, tail: Tail): Promise<void> {
    const { clock } = this.#options;
    tail.alarm.abort(alarmOff);
    const alarm = new AbortController();
    tail.alarm = alarm;
    tail.alarmAt = at;
    await clock.sleep(at - clock.now(), alarm.signal);
    if (alarm.signal.aborted) return;
    const now = clock.now();
    let next = Infinity;
    for (const waiter of tail.waiters) {
      if (waiter.until > now) {
        next = Math.min(next, waiter.until);
      } else {
        sendAway(waiter, tail);
      }
    }
    tail.alarmAt = next;
    if (next < Infinity) void this.#ringAt(next, tail);
  }
}

function sendAway(waiter: Waiter, tail: Tail): void {
  tail.waiters.delete(waiter);
  waiter.resolve({ kind: 'none', readAt: tail.readAt });
}
