/** What one stream reads of the history at the most before its client has to show, by coming back, that it is there. */
export const replayUnits = 64;

/** How fast one stream reads of the history, read units a second: everybody's partition of the log has 3,000. */
const unitsPerSecond = 32;

/** What it may read at once, so that the gap of a usual reconnect is told without a wait. Read units. */
const unitsAtOnce = 16;

/** The first page is small: whoever leaves at once has cost little, and it shows how large the segments are. */
const firstSegments = 4;
const mostSegments = 64;

/** What a page should cost, read units; how much it does cost is known when it has been read. */
const pageUnits = 8;

/**
 * How one stream catches up. Nobody tells it that its client has left (Lambda does not), and writing looks the same then;
 * so it reads little at first, goes on at a bounded rate, and when it has read so much that a client that is gone would
 * be costly, it ends: one that is alive comes back and goes on.
 */
export class ReplayPace {
  #left = replayUnits;
  /** When all that was read is paid for, epoch milliseconds. */
  #paidAt = 0;
  /** The most segments that the next page may have. */
  #most = firstSegments;

  get most(): number {
    return this.#most;
  }

  /** Whether the stream has read all that it may before its client comes back. */
  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** Notes what a page has cost, read units; one from memory costs nothing, and tells nothing of what others will cost. */
  spend(units: number, now: number): void {
    if (units === 0) return;
    this.#left -= units;
    this.#paidAt = Math.max(now, this.#paidAt) + (units / unitsPerSecond) * 1000;
    const growth = Math.min(4, pageUnits / units);
    this.#most = Math.min(mostSegments, Math.max(1, Math.floor(this.#most * growth)));
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
