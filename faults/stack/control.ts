import { setTimeout as wait } from 'node:timers/promises';
import { startPartner } from '../../bench/conversation.ts';
import type { StartedPartner } from '../../bench/conversation.ts';

/** How often the control is asked, milliseconds. */
const askMs = 500;

/**
 * What times are given for each millisecond that the control takes in the median: what ends or reaches one stream goes
 * through some twenty turns of processes (a timer, reads of a table, each by function, proxy and database, a write, the
 * front door, the client), and other streams of the row are served between them. Measured at a load of 20 to 75 on two
 * cores.
 */
const turns = 100;

/**
 * What a single time is given for each millisecond of the slowest answer: it may meet a stall of the machine at each
 * turn.
 */
const stalls = 20;

/** What the control took, and when it was asked for it; both in milliseconds. */
interface Sample {
  readonly askedAt: number;
  readonly tookMs: number;
}

/**
 * How slow the machine is, by a control: a little work of a process that has nothing to do with the product, asked for again
 * and again while rows are judged by the clock. A product that is slow does not make it slower; a machine that is busy does,
 * and with it the bounds of what it runs.
 */
export class Control {
  readonly #partner: StartedPartner;
  readonly #samples: Sample[] = [];
  readonly #over = new AbortController();
  readonly #asking: Promise<void>;
  #askedAt = performance.now();

  constructor() {
    this.#partner = startPartner(new URL('control-process.ts', import.meta.url));
    this.#asking = this.#ask();
  }

  /** What a single time is to be given since then, by the slowest answer, or the one that is waited for. Milliseconds. */
  slowestSince(then: number): number {
    const waitingMs = this.#over.signal.aborted ? 0 : performance.now() - this.#askedAt - askMs;
    return Math.max(stalls * Math.max(0, waitingMs, ...this.#since(then)), this.medianSince(then));
  }

  /** What times are to be given all along since then, by the median of the answers. Milliseconds. */
  medianSince(then: number): number {
    const times = this.#since(then).toSorted((a, b) => a - b);
    return turns * (times[Math.floor(times.length / 2)] ?? 0);
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#partner.end();
    await this.#asking;
  }

  #since(then: number): number[] {
    return this.#samples.filter(({ askedAt }) => askedAt >= then).map(({ tookMs }) => tookMs);
  }

  async #ask(): Promise<void> {
    const { signal } = this.#over;
    // The first answer also takes the start of the process.
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      this.#askedAt = performance.now();
      try {
        this.#partner.say('work');
        await this.#partner.hear('done');
        const tookMs = performance.now() - this.#askedAt;
        if (!isFirst) this.#samples.push({ askedAt: this.#askedAt, tookMs });
        await wait(askMs, undefined, { signal });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}
