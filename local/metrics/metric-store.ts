import type { Distribution } from './distribution.ts';
import { addDistribution, addValue, emptyDistribution, statisticOf } from './distribution.ts';

/** A metric as CloudWatch tells it from all others. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What is asked of a metric: a value for each whole period of a time. */
export interface SeriesQuery {
  readonly metric: Metric;
  /** Such as `Sum` or `p99`. */
  readonly statistic: string;
  /** Whole minutes, in seconds. */
  readonly periodSeconds: number;
  /** Begin of the first period and end of the last, epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;

/** How long values are known by the minute, and how long at all. An alarm reads a day at the most. */
const byMinuteMs = 3 * 60 * minuteMs;
const keptMs = 25 * 60 * minuteMs;

/**
 * Keeps what metrics were, as CloudWatch does: by the minute for three hours, by the quarter of an hour for a day.
 *
 * A metric takes less than 290 stretches of time, and a stretch has as many bins as its values need, not as there are values. So
 * 100 metrics, about what the functions and the platform send, take less than 30 MB, however long the stack runs: 24 MB where
 * 30 of them are times with 50 values a minute. No text of a user is in the name of a metric, which bounds their number.
 */
export class MetricStore {
  readonly #now: () => number;
  readonly #series = new Map<
    string,
    { readonly metric: Metric; readonly stretches: Map<number, Distribution> }
  >();
  #change = Promise.withResolvers<void>();

  /** @param now epoch milliseconds: when what is recorded happens. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes values of a metric, which happen now. */
  record(metric: Metric, ...values: readonly number[]): void {
    this.recordAt(this.#now(), metric, ...values);
  }

  /** Notes values of a metric that count for a time, epoch milliseconds. */
  recordAt(time: number, metric: Metric, ...values: readonly number[]): void {
    const key = keyOf(metric);
    let series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, (series = { metric, stretches: new Map() }));
    const minute = startOf(time, minuteMs);
    let stretch = series.stretches.get(minute);
    if (stretch === undefined) {
      age(series.stretches, this.#now());
      series.stretches.set(minute, (stretch = emptyDistribution()));
    }
    for (const value of values) addValue(stretch, value);
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers();
    resolve();
  }

  /** Resolves when something is recorded the next time. */
  changed(): Promise<void> {
    return this.#change.promise;
  }

  /** All metrics that were ever recorded. */
  metrics(): Metric[] {
    return [...this.#series.values()].map(({ metric }) => metric);
  }

  /**
   * The values of a metric, oldest first; undefined for a period without any. What is older than three hours belongs to the
   * quarter of an hour in which it was.
   * @throws {TypeError} for a statistic that is not known here, or a period that is not a number of whole minutes.
   */
  series({ metric, statistic, periodSeconds, from, to }: SeriesQuery): (number | undefined)[] {
    const periodMs = periodSeconds * 1000;
    if (periodMs <= 0 || periodMs % minuteMs !== 0)
      throw new TypeError(`${periodSeconds} s are no period of whole minutes`);
    const count = Math.max(0, Math.floor((to - from) / periodMs));
    const periods = Array.from({ length: count }, emptyDistribution);
    for (const [start, stretch] of this.#series.get(keyOf(metric))?.stretches ?? []) {
      const period = periods[Math.floor((start - from) / periodMs)];
      if (period !== undefined) addDistribution(period, stretch);
    }
    return periods.map((period) => statisticOf(period, statistic));
  }
}

function keyOf({ namespace, name, dimensions }: Metric): string {
  const sorted = Object.entries(dimensions).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}

/** Begin of the minute, or of the quarter of an hour, of a time. */
function startOf(time: number, length: number): number {
  return Math.floor(time / length) * length;
}

/** Puts together what is no longer known by the minute, and forgets what is too old. What it adds is as it should be. */
function age(stretches: Map<number, Distribution>, now: number): void {
  for (const [start, stretch] of stretches) {
    const quarter = startOf(start, quarterMs);
    if (quarter < now - keptMs) stretches.delete(start);
    else if (quarter < now - byMinuteMs && start !== quarter) {
      stretches.delete(start);
      const whole = stretches.get(quarter) ?? emptyDistribution();
      addDistribution(whole, stretch);
      stretches.set(quarter, whole);
    }
  }
}
