import { CommandError } from '../../commands/command-error.ts';
import type { StackTemplate } from '../template/stack-template.ts';
import type { Series } from './alarm.ts';
import { plainSeries } from './alarm.ts';
import { compileExpression } from './metric-math.ts';
import type { Metric } from './metric-store.ts';

/** A line of a graph: what it reads, and what is computed of it. */
export interface GraphLine extends Series {
  readonly label: string;
}

/** All metrics of a name that have these dimensions, a line each: as many as were sent. */
export interface GraphSearch extends Pick<Metric, 'namespace' | 'name'> {
  readonly dimensions: readonly string[];
  readonly statistic: string;
  readonly periodSeconds: number;
}

/** A graph of the template's dashboard. */
export interface Graph {
  readonly section: string;
  readonly title: string;
  readonly lines: readonly GraphLine[];
  readonly searches: readonly GraphSearch[];
  /** Where alarms go off. */
  readonly thresholds: ReadonlyArray<{ readonly label: string; readonly value: number }>;
}

/** Source: "Dashboard body structure and syntax", CloudWatch API reference. */
interface Widget {
  readonly type: string;
  readonly properties: {
    readonly markdown?: string;
    readonly title?: string;
    readonly metrics?: readonly (readonly (string | MetricOptions)[])[];
    readonly annotations?: { readonly horizontal?: Graph['thresholds'] };
  };
}

interface MetricOptions {
  readonly id?: string;
  readonly label?: string;
  readonly expression?: string;
  readonly visible?: boolean;
  readonly stat?: string;
  readonly period?: number;
}

/** What one value covers and how it is made, where a graph does not say. Source: as {@link Widget}. */
const usual = { period: 300, stat: 'Average' } as const;

/** An entry of a graph: a metric, or an expression where it is undefined. */
interface Entry {
  readonly metric: Metric | undefined;
  readonly options: MetricOptions;
}

/**
 * Reads the graphs of the dashboards of a template, in their order.
 * @throws {CommandError} for one that the local stack does not understand.
 */
export function readGraphs(template: StackTemplate): Graph[] {
  return template.resourcesOfType('AWS::CloudWatch::Dashboard').flatMap(({ logicalId, properties }) => {
    const { widgets } = JSON.parse(String(properties['DashboardBody'])) as {
      readonly widgets: readonly Widget[];
    };
    let section = logicalId;
    const graphs: Graph[] = [];
    for (const { type, properties: shown } of widgets) {
      if (type === 'text') section = (shown.markdown ?? '').replace(/^#+ */, '');
      else graphs.push(readGraph(section, shown));
    }
    return graphs;
  });
}

function readGraph(section: string, { title = '', metrics = [], annotations }: Widget['properties']): Graph {
  const entries = metrics.map(readEntry);
  const searched = entries.filter(({ options: { expression } }) => expression?.startsWith('SEARCH('));
  return {
    section,
    title,
    lines: entries
      .filter((entry) => entry.options.visible !== false && !searched.includes(entry))
      .map((entry) => readLine(entry, entries)),
    searches: searched.map(({ options }) => readSearch(options.expression!)),
    thresholds: annotations?.horizontal ?? [],
  };
}

function readEntry(given: readonly (string | MetricOptions)[]): Entry {
  const last = given.at(-1);
  const options = typeof last === 'object' ? last : {};
  const [namespace, name, ...pairs] = given.filter((part) => typeof part === 'string');
  if (options.expression !== undefined) return { metric: undefined, options };
  if (namespace === undefined || name === undefined || given.includes('.') || given.includes('...'))
    throw new CommandError(`the dashboard has ${JSON.stringify(given)}, which the local stack cannot read`);
  const dimensions: Record<string, string> = {};
  for (let index = 0; index < pairs.length; index += 2) dimensions[pairs[index]!] = pairs[index + 1]!;
  return { metric: { namespace, name, dimensions }, options };
}

function readLine({ metric, options }: Entry, entries: readonly Entry[]): GraphLine {
  const { label, expression, period: periodSeconds = usual.period, stat: statistic = usual.stat } = options;
  if (metric !== undefined) {
    const among = entries.filter((entry) => entry.metric?.name === metric.name).length;
    const usualLabel = among > 1 ? [metric.name, ...Object.values(metric.dimensions)].join(' ') : metric.name;
    return { label: label ?? usualLabel, ...plainSeries(metric, statistic), periodSeconds };
  }
  const reads = new Map(
    entries.flatMap(({ metric: read, options: { id, stat = usual.stat } }) =>
      read === undefined || id === undefined ? [] : [[id, { metric: read, statistic: stat }] as const],
    ),
  );
  return {
    label: label ?? '',
    reads,
    expression: compileExpression(expression!, new Set(reads.keys())),
    periodSeconds,
  };
}

/** Source: "Syntax for search expressions", CloudWatch user guide; of it, a schema and the name of a metric. */
function readSearch(expression: string): GraphSearch {
  const found = /^SEARCH\('\{([^,}]+)((?:,[^,}]+)*)\} MetricName="([^"]+)"', '([^']+)', (\d+)\)$/.exec(
    expression,
  );
  if (found === null)
    throw new CommandError(`the dashboard has ${expression}, which the local stack cannot read`);
  const [, namespace, dimensions, name, statistic, period] = found;
  return {
    namespace: namespace!,
    name: name!,
    dimensions: dimensions!.split(',').slice(1),
    statistic: statistic!,
    periodSeconds: Number(period),
  };
}
