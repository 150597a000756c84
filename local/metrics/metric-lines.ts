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
 * The metrics in a line of a log; none where it is another line.
 * Source: "Specification: Embedded metric format", CloudWatch user guide.
 */
export function metricsIn(text: string): MetricLine[] {
  if (!text.startsWith('{"_aws"')) return [];
  const line = JSON.parse(text) as EmbeddedMetrics;
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
