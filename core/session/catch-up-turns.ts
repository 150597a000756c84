/**
 * How many streams of a process may read and tell a page of the history at a time. A page is up to a megabyte or two as
 * JavaScript holds it, and a process to which a thousand streams come back would hold a thousand.
 */
const mostAtOnce = 16;

/** The turns of all streams of a process, so that they catch up a few at a time, in the order in which they ask. */
export class CatchUpTurns {
  #free: number;
  /** What begins the turns that are waited for. */
  readonly #queue = new Set<() => void>();

  constructor(most = mostAtOnce) {
    this.#free = most;
  }

  /** Whether one who asks now has to wait. */
  get areTaken(): boolean {
    return this.#free === 0;
  }

  /** Calls `begin` when there is a turn, at once where one is free. */
  ask(begin: () => void): void {
    if (this.#free === 0) {
      this.#queue.add(begin);
    } else {
      this.#free -= 1;
      begin();
    }
  }

  /** Gives a turn back, or the place in the queue. */
  giveBack(begin: () => void): void {
    if (this.#queue.delete(begin)) return;
    const [next] = this.#queue;
    if (next === undefined) {
      this.#free += 1;
    } else {
      this.#queue.delete(next);
      next();
    }
  }
}

interface OwnTurn {
  readonly begin: () => void;
  readonly begun: Promise<void>;
}

/** The turns of one stream, one after another. */
export class OwnTurns {
  readonly #turns: CatchUpTurns | undefined;
  /** The one that it has, or waits for. */
  #own: OwnTurn | undefined;
  #hasBegun = false;

  /** @param turns left out where there is one stream at a time anyway. */
  constructor(turns: CatchUpTurns | undefined) {
    this.#turns = turns;
  }

  /** Takes a turn if one is free. */
  takeNow(): boolean {
    if (this.#turns === undefined || this.#hasBegun) return true;
    if (this.#turns.areTaken) return false;
    this.#own ??= this.#ask(this.#turns);
    return this.#hasBegun;
  }

  /**
   * Waits for a turn, unless it has one; while it has none its place in the queue stays.
   * @param wait waits until the turn begins, as long as it likes.
   * @returns whether it has one.
   * @throws what `wait` throws.
   */
  async take(wait: (begun: Promise<void>) => Promise<unknown>): Promise<boolean> {
    if (this.#turns === undefined || this.#hasBegun) return true;
    this.#own ??= this.#ask(this.#turns);
    if (!this.#hasBegun) await wait(this.#own.begun);
    return this.#hasBegun;
  }

  /** Gives its turn back, so that others come before the next; a place in the queue it keeps. */
  pass(): void {
    if (this.#hasBegun) this.end();
  }

  /** Gives back what it has: its turn, or its place in the queue. */
  end(): void {
    if (this.#own !== undefined) this.#turns?.giveBack(this.#own.begin);
    this.#own = undefined;
    this.#hasBegun = false;
  }

  #ask(turns: CatchUpTurns): OwnTurn {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const begin = (): void => {
      this.#hasBegun = true;
      resolve();
    };
    turns.ask(begin);
    return { begin, begun };
  }
}
