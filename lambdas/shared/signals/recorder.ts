import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { Random } from '../../../core/clock.ts';
import type { MetricName } from './metrics.ts';
import { metricDefinitions } from './metrics.ts';
import { Reservoir } from './reservoir.ts';

/** The most values of a metric in one line. Source: "Specification: Embedded metric format", CloudWatch user guide. */
const mostValues = 100;

/** The metrics that have a dimension besides the function. */
type DividedMetric = {
  [Name in MetricName]: (typeof metricDefinitions)[Name] extends { by: unknown } ? Name : never;
}[MetricName];

/**
 * Collects metrics until they are published: what is counted becomes one value, and of what is measured some values stand
 * for all. A stream can tell more events in a second than a line of metrics holds.
 */
export class MetricsRecorder {
  readonly #metrics: Pick<Metrics, 'addMetric' | 'publishStoredMetrics' | 'singleMetric'>;
  readonly #random: Random;
  readonly #counts = new Map<MetricName, number>();
  readonly #measures = new Map<MetricName, Reservoir>();
  /** Metric, value of its further dimension → count. */
  readonly #divided = new Map<DividedMetric, Map<string, number>>();

  constructor(metrics: Pick<Metrics, 'addMetric' | 'publishStoredMetrics' | 'singleMetric'>, random: Random) {
    this.#metrics = metrics;
    this.#random = random;
  }

  /** Adds to the one value that is published of a metric. */
  count(name: Exclude<MetricName, DividedMetric>, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  /** As `count`, for a metric with a further dimension. */
  countBy(name: DividedMetric, value: string): void {
    const counts = this.#divided.get(name) ?? new Map<string, number>();
    this.#divided.set(name, counts.set(value, (counts.get(value) ?? 0) + 1));
  }

  /** Notes one of the values that are published of a metric. */
  measure(name: Exclude<MetricName, DividedMetric>, value: number): void {
    let values = this.#measures.get(name);
    if (!values) this.#measures.set(name, (values = new Reservoir(mostValues, this.#random)));
    values.add(value);
  }

  /** Writes what was collected since the last time, if anything, as lines of the embedded metric format. */
  publish(): void {
    for (const [name, counts] of this.#divided) {
      for (const [value, count] of counts) {
        const { by, unit } = metricDefinitions[name];
        this.#metrics.singleMetric().addDimension(by.dimension, value).addMetric(name, unit, count);
      }
    }
    this.#divided.clear();
    const values = [...this.#counts].map(([name, count]) => [name, [count]] as const);
    this.#counts.clear();
    const measured = [...this.#measures].map(([name, reservoir]) => [name, reservoir.take()] as const);
    const all = [...values, ...measured].filter(([, some]) => some.length > 0);
    for (const [name, some] of all) {
      for (const value of some) this.#metrics.addMetric(name, metricDefinitions[name].unit, value);
    }
    if (all.length > 0) this.#metrics.publishStoredMetrics();
  }
}
