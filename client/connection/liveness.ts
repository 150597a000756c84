/** The usual time between two pings, until those of a connection show another. docs/PROTOCOL.md: 1 to 25 s. */
const usualIntervalMs = 15_000;
const longestIntervalMs = 25_000;
/** What a ping may be late, on a slow network or machine. */
const graceMs = 5_000;
/** A stream that is being opened is answered within 20 s by the function, and within 30 s by the edge. */
const longestOpeningMs = 30_000;
const shortestOpeningMs = 5_000;
/** EventSource comes back by itself: after the server's `retry:`, of which it tells nobody, and an opening. */
const returningMs = 60_000;

/** Two clocks in milliseconds, because each misses something. */
export interface Clocks {
  /** Epoch milliseconds: goes on while the machine sleeps, and jumps when it is set. */
  readonly now: () => number;
  /** Never jumps, and may stand still while the machine sleeps. */
  readonly monotonic: () => number;
}

/** Those of the page, or of another program. */
export const pageClocks: Clocks = { now: () => Date.now(), monotonic: () => performance.now() };

/**
 * How long to wait for the answer to an opening after another connection has died, in milliseconds: first as long as
 * one seldom takes, for the browser may try it on a dead connection that it has kept, of which it has up to five; then
 * longer.
 * @param attempts how many have failed before it.
 */
export function openingAfterSilence(attempts: number): number {
  return Math.min(longestOpeningMs, shortestOpeningMs * 2 ** attempts);
}

/**
 * Judges by silence whether a connection is still alive: a relay on the way, or the machine's own sleep, can end it
 * without a word to anybody.
 */
export class Liveness {
  readonly #clocks: Clocks;
  #heardAt: { readonly now: number; readonly monotonic: number };
  /** The longest silence that is no sign of anything; undefined while connected, where the interval says it. */
  #openingMs: number | undefined;
  /** The shortest time between two pings of this session; undefined before there were two. */
  #gapMs: number | undefined;
  #pingedAt: number | undefined;

  /** A connection is being opened, and is to be answered within so many milliseconds. */
  constructor(clocks: Clocks, openingMs = longestOpeningMs) {
    this.#clocks = clocks;
    this.#openingMs = openingMs;
    this.#heardAt = this.#look();
  }

  /** The server has answered; its first frame is to come. */
  opened(): void {
    this.#wait(longestOpeningMs);
  }

  /** EventSource has lost the connection and will open another by itself. */
  lost(): void {
    // Those whose streams ended together do not come back together.
    this.#wait(returningMs * (1 + Math.random() / 2));
  }

  /** A frame has come. */
  heard(): void {
    this.#heardAt = this.#look();
    this.#openingMs = undefined;
  }

  /**
   * A frame that comes by the server's clock has come: the first of a session, or a ping. The time between two tells how
   * often pings come.
   * @param timestamp of the frame, ISO 8601.
   */
  heardPing(timestamp: string, isFirst: boolean): void {
    this.heard();
    const at = Date.parse(timestamp);
    const gap = at - (this.#pingedAt ?? at);
    if (isFirst) this.#gapMs = undefined;
    // A ping that is late makes a gap longer than the interval, and nothing makes one shorter.
    else if (gap > 0) this.#gapMs = Math.min(gap, this.#gapMs ?? longestIntervalMs);
    this.#pingedAt = at;
  }

  /** Whether two pings, or the answer to an opening, have failed to come. */
  get isSilent(): boolean {
    return this.#silence() > (this.#openingMs ?? 2 * this.#intervalMs + graceMs);
  }

  /** Whether one ping has: enough to think it dead where something else speaks for it, such as a machine that has slept. */
  get isDoubtful(): boolean {
    return this.#silence() > (this.#openingMs === undefined ? this.#intervalMs : 0) + graceMs;
  }

  get #intervalMs(): number {
    return this.#gapMs ?? usualIntervalMs;
  }

  #wait(milliseconds: number): void {
    this.#heardAt = this.#look();
    this.#openingMs = milliseconds;
  }

  /** How long nothing was heard: by the clock that says more, since one may stand still and the other go back. */
  #silence(): number {
    const { now, monotonic } = this.#look();
    return Math.max(now - this.#heardAt.now, monotonic - this.#heardAt.monotonic);
  }

  #look(): { readonly now: number; readonly monotonic: number } {
    return { now: this.#clocks.now(), monotonic: this.#clocks.monotonic() };
  }
}
