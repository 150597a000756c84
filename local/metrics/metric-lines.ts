import type { Metric } from './metric-store.ts';

/** Values of a metric, from a line of the embedded metric format as CloudWatch reads it. */
export interface MetricLine extends Metric {
  readonly unit: string;
  readonly values: readonly number[];
}

interface EmbeddedMetrics {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [name: string]: unknown;
}

/**
 * The metrics in a line of a log; none where it is another line, or one that a crash has cut.
 * Source: "Specification: Embedded metric format", CloudWatch user guide.
 */
export function metricsIn(text: string): MetricLine[] {
  if (!text.startsWith('{"_aws"')) return [];
  const line = jsonOf(text) as EmbeddedMetrics | undefined;
  if (line === undefined) return [];
  return line['_aws'].CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name, Unit }) => ({
        namespace: Namespace,
        name: Name,
        unit: Unit,
        dimensions: Object.fromEntries(names.map((name) => [name, line[name] as string])),
        values: [line[Name]].flat() as number[],
      })),
    ),
  );
}

/** What a line of a log holds as JSON; undefined where it is no JSON, such as the first line of what a crash printed. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
