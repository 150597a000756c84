import type { Timers } from '../../local/websocket/timers.ts';

/** A clock in a test's hand. */
export class TestTimers implements Timers {
  #now = 1_800_000_000_000;
  #waiting: { readonly at: number; readonly run: () => void }[] = [];

  readonly now = (): number => this.#now;

  readonly after: Timers['after'] = (milliseconds, run) => {
    const entry = { at: this.#now + milliseconds, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== entry);
    };
  };

  /** How much waits. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lets time pass: what is due runs at its time, in order. */
  advance(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (;;) {
      const [next] = this.#waiting.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = until;
  }
}
