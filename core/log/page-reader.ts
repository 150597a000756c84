import type { Clock } from '../clock.ts';
import type { Sought } from './seek.ts';
import { seek } from './seek.ts';
import { keyOf, SegmentCache } from './segment-cache.ts';
import type { ReadResult, ReadStore, SegmentPage } from './read-store.ts';
import { nothingYet } from './read-store.ts';
import type { Head, OpenHead, Segment } from './segment.ts';
import { isKept } from './segment.ts';

/**
 * The most segments in one page: a few MB of JSON. DynamoDB's own limit of 1 MB counts them compressed, and a page of
 * repetitive texts would be a hundred times that.
 */
export const pageSegments = 64;

/**
 * Reads pages of logs for all the streams of a process. Segments never change, so they are kept; reads of the same place
 * are made once, however many streams ask.
 */
export class PageReader {
  readonly #store: ReadStore;
  readonly #clock: Clock;
  readonly #cache: SegmentCache;
  readonly #reads = new Map<string, Promise<ReadResult>>();

  /** @param cacheBytes what may be kept, characters of JSON. */
  constructor(store: ReadStore, clock: Clock, cacheBytes: number) {
    this.#store = store;
    this.#clock = clock;
    this.#cache = new SegmentCache(cacheBytes);
  }

  /** As `ReadStore` has it. */
  openHead(workspace: string): Promise<OpenHead> {
    return this.#store.openHead(workspace);
  }

  /** As `seek` has it. */
  seek(workspace: string, head: Head, since: number): Promise<Sought> {
    return seek(this.#store, workspace, head, since, this.#clock.now());
  }

  /**
   * At most so many segments from number `from` on: from memory, else read; `none` when the log seems to end before it.
   * For a reader that is behind; one at the end uses `waitFor`.
   * @throws whatever the store throws.
   */
  async read(workspace: string, log: string, from: number, most = pageSegments): Promise<ReadResult> {
    return (
      this.remembered(workspace, log, from, most, true) ??
      (await this.#once(`${keyOf(workspace, log)}/${from}/${most}`, () =>
        this.readPlainly(workspace, log, from, most),
      ))
    );
  }

  /**
   * As `read`, for a reader that has just read the head: what is missing below it is missing for good.
   * @throws whatever the store throws.
   */
  async readBelow(
    workspace: string,
    head: Pick<Head, 'log' | 'last'>,
    from: number,
    most = pageSegments,
  ): Promise<ReadResult> {
    const { log, last } = head;
    if (from > last + 1) return { kind: 'lost', reason: 'unknown_cursor' };
    if (from === last + 1) return nothingYet;
    return (
      // What is remembered may end before the log does.
      this.remembered(workspace, log, from, most, true) ??
      (await this.#once(`${keyOf(workspace, log)}/${from}/${most}/${last}`, () =>
        this.#readMissing(workspace, head, from, most),
      ))
    );
  }

  /** A page of what is remembered; `isBehind` when more is likely to follow, even if it is not remembered. */
  remembered(
    workspace: string,
    log: string,
    from: number,
    most: number,
    isBehind: boolean,
  ): ReadResult | undefined {
    const segments = this.#cache.runFrom(workspace, log, from, this.#clock.now(), most);
    if (segments.length === 0) return undefined;
    return { kind: 'segments', segments, more: isBehind || segments.length === most, units: 0 };
  }

  /** One cheap read; whatever it finds that does not fit the log is looked into. */
  async readPlainly(workspace: string, log: string, from: number, most: number): Promise<ReadResult> {
    const found = await this.#store.readSegments(workspace, from, { most, consistent: false });
    if (found.segments.length === 0) return nothingYet;
    return this.#accept(workspace, log, from, found) ?? this.readChecked(workspace, log, from, most);
  }

  /** Reads the head first, and then what it says must be there. */
  async readChecked(workspace: string, log: string, from: number, most = pageSegments): Promise<ReadResult> {
    const head = await this.#store.readHead(workspace);
    if (head?.log !== log) return { kind: 'lost', reason: 'unknown_cursor' };
    return this.readBelow(workspace, head, from, most);
  }

  /** Reads what must be there: at half the cost, and where that does not find it, consistently. */
  async #readMissing(
    workspace: string,
    head: Pick<Head, 'log' | 'last'>,
    from: number,
    most: number,
  ): Promise<ReadResult> {
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
    const now = this.#clock.now();
    const segments: Segment[] = [];
    for (const segment of found.segments) {
      const follows =
        segment.segment === from + segments.length && segment.log === log && isKept(segment, now);
      if (!follows) break;
      segments.push(segment);
    }
    if (segments.length === 0) return undefined;
    this.#cache.keep(workspace, segments);
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
