import type { Clock } from '../../core/clock.ts';
import type { GaugeObserver, Observer, OpenConnectionCount } from '../../core/observer.ts';
import type { Item } from '../shared/dynamodb/items.ts';
import { openTransport } from '../shared/dynamodb/connection-item.ts';

export interface GaugeOptions {
  /** The items of all connections, a page at a time, until the signal breaks it off. */
  readonly pages: (signal: AbortSignal) => AsyncIterable<readonly Item[]>;
  readonly observer: GaugeObserver & Pick<Observer, 'trouble'>;
  readonly clock: Pick<Clock, 'now'>;
  /** The most that a run reads, milliseconds. */
  readonly scanMs: number;
}

/** There was no time to look at all connections. By name, the log knows it as trouble that passes. */
export class CountTimeout extends Error {
  override readonly name = 'CountTimeout';
}

/** Counts the connections that are open, now and then. */
export class Gauge {
  readonly #options: GaugeOptions;

  constructor(options: GaugeOptions) {
    this.#options = options;
  }

  /** Counts once. Where not all could be looked at nothing is told but the trouble: a part would be taken for all. */
  async run(): Promise<void> {
    const { pages, observer, clock, scanMs } = this.#options;
    const signal = AbortSignal.timeout(scanMs);
    try {
      observer.counted(await countOpen(pages(signal), clock.now()));
    } catch (error) {
      const cause = signal.aborted ? new CountTimeout(`not in ${scanMs} ms`, { cause: error }) : error;
      observer.trouble('open connections cannot be counted', cause);
    }
  }
}

/**
 * Counts the connections among some items that are open at a time.
 * @param now epoch milliseconds.
 * @throws what reading the pages throws.
 */
export async function countOpen(
  pages: AsyncIterable<readonly Item[]>,
  now: number,
): Promise<OpenConnectionCount> {
  const open = { stream: 0, socket: 0 };
  for await (const items of pages) {
    for (const item of items) {
      const transport = openTransport(item, now);
      if (transport !== undefined) open[transport] += 1;
    }
  }
  return open;
}
