import type { Clock, Random } from '../clock.ts';
import { jitter } from '../clock.ts';
import { keyOf, SegmentCache } from './segment-cache.ts';
import type { ReadResult, ReadStore, SegmentPage } from './read-store.ts';
import type { Head, OpenHead, Segment } from './segment.ts';
import { isKept } from './segment.ts';

/**
 * The most segments in one page: a few MB of JSON. DynamoDB's own limit of 1 MB counts them compressed, and a page of
 * repetitive texts would be a hundred times that.
 */
export const PAGE_SEGMENTS = 64;

export interface SegmentReaderOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Time between two polls while changes flow, milliseconds. */
  readonly pollMinMs: number;
  /** Time between two polls after a quiet while, milliseconds. */
  readonly pollMaxMs: number;
  /** How often a quiet reader looks whether the log is still the same one, milliseconds. */
  readonly headCheckMs?: number;
  /** What the cache may hold, characters of JSON. */
  readonly cacheBytes?: number;
}

const NONE: ReadResult = { kind: 'none' };

/** Without a reason of its own, each abort would make an error with a stack trace. */
const ALARM_OFF = 'the alarm is not needed any more';

/** A stream that waits at the end of a log. */
interface Waiter {
  readonly until: number;
  readonly resolve: (result: ReadResult) => void;
  readonly reject: (error: unknown) => void;
}

/** One poller, and one alarm for those whose time is up, for all the streams of a process that wait at the same place. */
interface Tail {
  readonly waiters: Set<Waiter>;
  isPolling: boolean;
  intervalMs: number;
  headCheckedAt: number;
  /** When the last read came back that found nothing, epoch milliseconds. */
  readAt: number | undefined;
  /** When the alarm rings, epoch milliseconds; Infinity while it is off. */
  alarmAt: number;
  alarm: AbortController;
}

/**
 * Reads logs for all the streams of a process. Segments never change, so they are kept; reads of the same place are
 * made once, however many streams ask; streams that wait for the end of a log share one poller, which is quick while
 * changes flow and slows down when they do not.
 */
export class SegmentReader {
  readonly #store: ReadStore;
  readonly #options: Required<SegmentReaderOptions>;
  readonly #memory: SegmentCache;
  readonly #reads = new Map<string, Promise<ReadResult>>();
  readonly #tails = new Map<string, Tail>();

  constructor(store: ReadStore, options: SegmentReaderOptions) {
    this.#store = store;
    this.#options = { headCheckMs: 5000, cacheBytes: 32 * 1024 * 1024, ...options };
    this.#memory = new SegmentCache(this.#options.cacheBytes);
  }

  /** As `ReadStore` has it. */
  openHead(workspace: string): Promise<OpenHead> {
    return this.#store.openHead(workspace);
  }

  /**
   * At most so many segments from number `from` on: from memory, else read; `none` when the log seems to end before it.
   * For a reader that is behind; one at the end uses `waitFor`.
   * @throws whatever the store throws.
   */
  async read(workspace: string, log: string, from: number, most = PAGE_SEGMENTS): Promise<ReadResult> {
    return (
      this.#remembered(workspace, log, from, most, true) ??
      (await this.#once(`${keyOf(workspace, log)}/${from}/${most}`, () =>
        this.#readPlainly(workspace, log, from, most),
      ))
    );
  }

  /**
   * As `read`, for a reader that has just read the head: what is missing below it is missing for good.
   * @throws whatever the store throws.
   */
  async readBelow(workspace: string, head: Head, from: number, most = PAGE_SEGMENTS): Promise<ReadResult> {
    const { log, last } = head;
    if (from > last + 1) return { kind: 'lost', reason: 'unknown_cursor' };
    if (from === last + 1) return NONE;
    return (
      // What is remembered may end before the log does.
      this.#remembered(workspace, log, from, most, true) ??
      (await this.#once(`${keyOf(workspace, log)}/${from}/${most}/${last}`, () =>
        this.#readMissing(workspace, head, from, most),
      ))
    );
  }

  /**
   * As `read`, for a reader at the end of the log: resolves with the next segments when a poll finds them, or with
   * `none` after `timeoutMs`. Costs nothing extra when others wait there too.
   * @throws whatever the store throws at a poll.
   */
  async waitFor(workspace: string, log: string, from: number, timeoutMs: number): Promise<ReadResult> {
    const remembered = this.#remembered(workspace, log, from, PAGE_SEGMENTS, false);
    if (remembered) return remembered;
    const tail = this.#tailOf(`${keyOf(workspace, log)}/${from}`);
    const { promise, resolve, reject } = Promise.withResolvers<ReadResult>();
    const until = this.#options.clock.now() + timeoutMs;
    tail.waiters.add({ until, resolve, reject });
    if (until < tail.alarmAt) void this.#ringAt(until, tail);
    if (!tail.isPolling) void this.#pollFor(workspace, log, from, tail);
    return promise;
  }

  /** A page of what is remembered; `isBehind` when more is likely to follow, even if it is not remembered. */
  #remembered(
    workspace: string,
    log: string,
    from: number,
    most: number,
    isBehind: boolean,
  ): ReadResult | undefined {
    const segments = this.#memory.runFrom(workspace, log, from, this.#options.clock.now(), most);
    if (segments.length === 0) return undefined;
    return { kind: 'segments', segments, more: isBehind || segments.length === most, units: 0 };
  }

  #tailOf(key: string): Tail {
    let tail = this.#tails.get(key);
    if (!tail) {
      const { clock, pollMinMs } = this.#options;
      tail = {
        waiters: new Set(),
        isPolling: false,
        intervalMs: pollMinMs,
        headCheckedAt: clock.now(),
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
    tail.alarm.abort(ALARM_OFF);
    for (const waiter of tail.waiters) settle(waiter);
  }

  /** Polls until there is something to tell, or nobody waits any more. */
  async #poll(workspace: string, log: string, from: number, tail: Tail): Promise<ReadResult> {
    const { clock, random, pollMinMs, pollMaxMs, headCheckMs } = this.#options;
    while (tail.waiters.size > 0) {
      await clock.sleep(jitter(random, 0.75, 1.25) * tail.intervalMs);
      // Who has gone meanwhile pays for no page of what has come.
      if (tail.waiters.size === 0) break;
      tail.intervalMs = Math.min(pollMaxMs, Math.max(pollMinMs, tail.intervalMs * 1.5));
      const quietFor = clock.now() - tail.headCheckedAt;
      const result =
        quietFor < headCheckMs
          ? await this.#readPlainly(workspace, log, from, PAGE_SEGMENTS)
          : await this.#readChecked(workspace, log, from);
      if (quietFor >= headCheckMs) tail.headCheckedAt = clock.now();
      if (result.kind !== 'none') return result;
      tail.readAt = clock.now();
    }
    return NONE;
  }

  /**
   * Sends those away whose time is up, then sets the alarm for the next. A timer for each waiter would be most of what a
   * process with a thousand streams does: each change ends a thousand waits.
   */
  async #ringAt(at: number, tail: Tail): Promise<void> {
    const { clock } = this.#options;
    tail.alarm.abort(ALARM_OFF);
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
        tail.waiters.delete(waiter);
        waiter.resolve({ kind: 'none', readAt: tail.readAt });
      }
    }
    tail.alarmAt = next;
    if (next < Infinity) void this.#ringAt(next, tail);
  }

  /** One cheap read; whatever it finds that does not fit the log is looked into. */
  async #readPlainly(workspace: string, log: string, from: number, most: number): Promise<ReadResult> {
    const found = await this.#store.readSegments(workspace, from, { most, consistent: false });
    if (found.segments.length === 0) return NONE;
    return this.#accept(workspace, log, from, found) ?? this.#readChecked(workspace, log, from, most);
  }

  /** Reads the head first, and then what it says must be there. */
  async #readChecked(
    workspace: string,
    log: string,
    from: number,
    most = PAGE_SEGMENTS,
  ): Promise<ReadResult> {
    const head = await this.#store.readHead(workspace);
    if (head?.log !== log) return { kind: 'lost', reason: 'unknown_cursor' };
    return this.readBelow(workspace, head, from, most);
  }

  /** Reads what must be there: at half the cost, and where that does not find it, consistently. */
  async #readMissing(workspace: string, head: Head, from: number, most: number): Promise<ReadResult> {
    let units = 0;
    for (const consistent of [false, true]) {
      const found = await this.#store.readSegments(workspace, from, { most, consistent });
      units += found.units;
      const accepted = this.#accept(workspace, head.log, from, found);
      if (!accepted) continue;
      const more = accepted.more || accepted.segments.at(-1)!.segment < head.last;
      return { ...accepted, more, units };
    }
    return { kind: 'lost', reason: 'history_expired' };
  }

  /** The segments that follow each other from `from` on; undefined when not even the first does. */
  #accept(
    workspace: string,
    log: string,
    from: number,
    found: SegmentPage,
  ): Extract<ReadResult, { kind: 'segments' }> | undefined {
    const now = this.#options.clock.now();
    const segments: Segment[] = [];
    for (const segment of found.segments) {
      const follows =
        segment.segment === from + segments.length && segment.log === log && isKept(segment, now);
      if (!follows) break;
      segments.push(segment);
    }
    if (segments.length === 0) return undefined;
    this.#memory.keep(workspace, segments);
    const more = found.more || segments.length < found.segments.length;
    return { kind: 'segments', segments, more, units: found.units };
  }

  /** One read at a time of each place; whoever asks meanwhile gets the same answer. */
  #once(key: string, start: () => Promise<ReadResult>): Promise<ReadResult> {
    const running = this.#reads.get(key);
    if (running) return running;
    const read = start().finally(() => this.#reads.delete(key));
    this.#reads.set(key, read);
    return read;
  }
}
