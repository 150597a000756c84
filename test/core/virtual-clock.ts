import type { Clock } from '../../core/clock.ts';

/** A clock that jumps to the next timer as soon as nothing else is left to do. */
export class VirtualClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  #timers: { at: number; resolve: () => void }[] = [];
  #scheduled = false;
  readonly #idle: (() => Promise<unknown>) | undefined;

  /** @param idle what takes real time: the clock stands still until it is done. */
  constructor(idle?: () => Promise<unknown>) {
    this.#idle = idle;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = { at: this.#now + Math.max(0, milliseconds), resolve };
      this.#timers.push(timer);
      signal?.addEventListener('abort', () => {
        this.#timers = this.#timers.filter((each) => each !== timer);
        resolve();
      });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#timers.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => void this.#jump());
  }

  async #jump(): Promise<void> {
    if (this.#idle) await this.#idle();
    this.#scheduled = false;
    this.#timers.sort((a, b) => a.at - b.at);
    const next = this.#timers.shift();
    if (!next) return;
    this.#now = Math.max(this.#now, next.at);
    next.resolve();
    this.#schedule();
  }
}
