import type { Alarm } from '../metrics/alarm.ts';
import { plainSeries } from '../metrics/alarm.ts';
import type { Graph, GraphLine, GraphSearch } from '../metrics/dashboard.ts';
import type { LocalMetrics } from '../metrics/local-metrics.ts';
import type { Value } from '../metrics/metric-math.ts';
import type { MetricsView, ShownGraph } from './view.ts';

const minuteMs = 60_000;

/** How much of the past a chart shows, minutes. */
const shownMinutes = 60;

/**
 * What one value of a chart covers at the least that covers more in CloudWatch, seconds: who breaks something on a laptop
 * does not wait five minutes for it.
 */
const longestAsMinutes = 300;

/** The metrics that charts are made of. */
export type ChartSource = Pick<LocalMetrics, 'graphs' | 'metrics' | 'values' | 'alarms'>;

/**
 * The dashboard and the alarms of a stack, as CloudWatch would show them of the last hour, up to the running minute.
 * @param now epoch milliseconds.
 */
export function metricsView(source: ChartSource, now: number): MetricsView {
  const to = Math.floor(now / minuteMs) * minuteMs;
  const minutes = Array.from(
    { length: shownMinutes },
    (_, index) => to - (shownMinutes - 1 - index) * minuteMs,
  );
  return {
    minutes,
    graphs: source.graphs.map((graph) => showGraph(graph, source, minutes)),
    alarms: source.alarms().map(({ alarm, state, values }) => ({
      ...describe(alarm),
      state,
      values: values.map((value) => value ?? null),
    })),
  };
}

function showGraph(
  { section, title, lines, searches, thresholds }: Graph,
  source: ChartSource,
  minutes: readonly number[],
): ShownGraph {
  const found = searches.flatMap((search) => linesOf(search, source));
  return {
    section,
    title,
    thresholds,
    lines: [...lines, ...found].map((line) => ({
      label: line.label,
      values: valuesOf(line, source, minutes),
    })),
  };
}

/** A line for each metric that a search finds. */
function linesOf(
  { namespace, name, dimensions, statistic, periodSeconds }: GraphSearch,
  source: ChartSource,
): GraphLine[] {
  const names = JSON.stringify(dimensions.toSorted());
  return source
    .metrics()
    .filter(
      (metric) =>
        metric.namespace === namespace &&
        metric.name === name &&
        JSON.stringify(Object.keys(metric.dimensions).toSorted()) === names,
    )
    .map((metric) => ({
      label: dimensions.map((dimension) => metric.dimensions[dimension]).join(' '),
      ...plainSeries(metric, statistic),
      periodSeconds,
    }));
}

/** The values of a line by the minute; one that covers more is at the minute in which it begins. */
function valuesOf(line: GraphLine, source: ChartSource, minutes: readonly number[]): (number | null)[] {
  const periodSeconds = line.periodSeconds <= longestAsMinutes ? 60 : line.periodSeconds;
  const periodMs = periodSeconds * 1000;
  const from = Math.floor(minutes[0]! / periodMs) * periodMs;
  const to = (Math.floor(minutes.at(-1)! / periodMs) + 1) * periodMs;
  const values = source.values({ ...line, periodSeconds }, from, to);
  const at = new Map<number, Value>(
    values.map((value, index) => [Math.max(minutes[0]!, from + index * periodMs), value]),
  );
  return minutes.map((minute) => at.get(minute) ?? null);
}

/** The last words of an alarm's description name its entry in the runbook. */
function describe({ name, description, condition, evaluationPeriods, periodSeconds }: Alarm): {
  name: string;
  text: string;
  runbook: string | undefined;
  condition: string;
} {
  // The alarms of a stage all begin with its name.
  const [, ownName = name] = /^Taskwire-[^-]+-(.+)$/.exec(name) ?? [];
  const [, text = description, runbook] = /^(.*?) (docs\/RUNBOOK\.md#\S+)$/.exec(description) ?? [];
  const minutes = periodSeconds / 60;
  const of = `${evaluationPeriods} × ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
  return { name: ownName, text, runbook, condition: `${condition} in ${of}` };
}
