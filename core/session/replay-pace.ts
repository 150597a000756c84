import { PageSize } from '../log/page-size.ts';

/** What one stream reads of the history at the most before its client has to show, by coming back, that it is there. */
export const replayUnits = 64;

/** How fast one stream reads of the history, read units a second: everybody's partition of the log has 3,000. */
const unitsPerSecond = 32;

/** What it may read at once, so that the gap of a usual reconnect is told without a wait. Read units. */
const unitsAtOnce = 16;

/** The first page shows how large the segments are. */
const firstSegments = 4;
const mostSegments = 64;

/**
 * How one stream catches up. Nobody tells it that its client has left (Lambda does not), and writing looks the same then;
 * so it reads little at first, goes on at a bounded rate, and when it has read so much that a client that is gone would
 * be costly, it ends: one that is alive comes back and goes on.
 */
export class ReplayPace {
  #left = replayUnits;
  /** When all that was read is paid for, epoch milliseconds. */
  #paidAt = 0;
  readonly #page = new PageSize(firstSegments, mostSegments);

  /** The most segments that the next page may have. */
  get most(): number {
    return this.#page.items;
  }

  /** Whether the stream has read all that it may before its client comes back. */
  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** Notes what a page of segments has cost, read units. */
  spendOnSegments(units: number, now: number): void {
    this.#page.learn(units);
    this.spend(units, now);
  }

  /** Notes what anything has cost, read units; from memory it costs nothing. */
  spend(units: number, now: number): void {
    if (units === 0) return;
    this.#left -= units;
    this.#paidAt = Math.max(now, this.#paidAt) + (units / unitsPerSecond) * 1000;
  }

  /** How long the next page has to wait, milliseconds. */
  waitMs(now: number): number {
    return Math.max(0, this.#paidAt - now - (unitsAtOnce / unitsPerSecond) * 1000);
  }

  /**
   * The stream is at the end of the log: what it reads from now on is what happens, and it is paid for by those who do
   * it.
   */
  finish(): void {
    this.#left = Infinity;
  }
}
