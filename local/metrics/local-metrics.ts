import { CommandError } from '../../commands/command-error.ts';
import type { LogLine } from '../functions/function-process.ts';
import type { StackTemplate } from '../template/stack-template.ts';
import type { Alarm, AlarmState, Series } from './alarm.ts';
import { judge, judgedPeriods, readAlarms } from './alarm.ts';
import type { Graph } from './dashboard.ts';
import { readGraphs } from './dashboard.ts';
import type { MetricFilter } from './metric-filters.ts';
import { readMetricFilters } from './metric-filters.ts';
import { jsonOf, metricsIn } from './metric-lines.ts';
import type { Value } from './metric-math.ts';
import type { Metric, SeriesQuery } from './metric-store.ts';
import { MetricStore } from './metric-store.ts';
import { platformMetricNames, PlatformMetrics } from './platform-metrics.ts';

/** How an alarm stands. */
export interface AlarmStatus {
  readonly alarm: Alarm;
  readonly state: AlarmState;
  /** What it was judged by, oldest first; undefined for a period without a value. */
  readonly values: readonly Value[];
}

const minuteMs = 60_000;

/**
 * What CloudWatch would know of a running stack: what AWS counts by itself, the metrics in the functions' logs, what the
 * template's metric filters count there, and how its alarms stand.
 *
 * All that happens happens at the time that its clock says, whatever a line of a log says of it. A test that holds this clock
 * still and moves it by hand says itself which minute something is in, and never waits for one.
 */
export class LocalMetrics {
  readonly platform: PlatformMetrics;
  /** The graphs of the template's dashboard. */
  readonly graphs: readonly Graph[];
  readonly #store: MetricStore;
  readonly #now: () => number;
  readonly #alarms: readonly Alarm[];
  readonly #filters: readonly MetricFilter[];
  /** Short name of a function → its filters. */
  readonly #filtersOf = new Map<string, readonly MetricFilter[]>();
  /** Alarm → its state when it was asked for last. */
  readonly #states = new Map<string, AlarmState>();

  /**
   * @param now epoch milliseconds.
   * @throws {CommandError} for an alarm or a filter that is not understood, or a metric that is not sent.
   */
  constructor(template: StackTemplate, now: () => number) {
    this.#now = now;
    this.#store = new MetricStore(now);
    this.platform = new PlatformMetrics(this.#store, now);
    this.#filters = readMetricFilters(template);
    this.#alarms = readAlarms(template);
    this.graphs = readGraphs(template);
    for (const { name, reads } of this.#alarms) {
      for (const { metric } of reads.values()) refuseUnsent(name, metric);
    }
  }

  /** Makes what writes logs known, by its short name, and which log group it writes. */
  watchLogs(logs: readonly (readonly [name: string, logGroup: string | undefined])[]): void {
    for (const [name, logGroup] of logs) {
      this.#filtersOf.set(
        name,
        this.#filters.filter((filter) => filter.logGroup === logGroup),
      );
    }
  }

  /** Takes a line of a function's log. */
  log({ functionName, text }: LogLine): void {
    if (!text.startsWith('{')) return;
    const carried = metricsIn(text);
    for (const { namespace, name, dimensions, values } of carried)
      this.#store.record({ namespace, name, dimensions }, ...values);
    const filters = this.#filtersOf.get(functionName) ?? [];
    if (carried.length > 0 || filters.length === 0) return;
    const line = jsonOf(text) as Readonly<Record<string, unknown>> | undefined;
    if (line === undefined) return;
    for (const { counts, metric, value } of filters) if (counts(line)) this.#store.record(metric, value);
  }

  /** All metrics that have been sent. */
  metrics(): Metric[] {
    return this.#store.metrics();
  }

  /** As {@link MetricStore.series}. */
  series(query: SeriesQuery): Value[] {
    return this.#store.series(query);
  }

  /** Resolves when the next value is known. */
  changed(): Promise<void> {
    return this.#store.changed();
  }

  /** How all alarms stand at the end of the last whole minute. */
  alarms(): AlarmStatus[] {
    const to = Math.floor(this.#now() / minuteMs) * minuteMs;
    return this.#alarms.map((alarm) => {
      const count = judgedPeriods(alarm);
      const values = this.values(alarm, to - count * alarm.periodSeconds * 1000, to);
      const state = judge(alarm, values, this.#states.get(alarm.name) ?? 'INSUFFICIENT_DATA');
      this.#states.set(alarm.name, state);
      return { alarm, state, values };
    });
  }

  /**
   * What an alarm compares with its threshold, or a line of a graph shows, for each whole period of a time, epoch milliseconds;
   * oldest first.
   */
  values({ reads, expression, periodSeconds }: Series, from: number, to: number): Value[] {
    const read = [...reads].map(
      ([id, { metric, statistic }]) =>
        [id, this.#store.series({ metric, statistic, periodSeconds, from, to })] as const,
    );
    const count = Math.floor((to - from) / (periodSeconds * 1000));
    return Array.from({ length: count }, (_, period) =>
      expression(new Map(read.map(([id, series]) => [id, series[period]]))),
    );
  }
}

function refuseUnsent(alarm: string, { namespace, name }: Metric): void {
  if (namespace.startsWith('AWS/') && !platformMetricNames.has(`${namespace} ${name}`))
    throw new CommandError(
      `the alarm ${alarm} reads ${namespace} ${name}, which the local stack does not send`,
    );
}
