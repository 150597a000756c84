import { CommandError } from '../../commands/command-error.ts';
import type { StackTemplate } from '../template/stack-template.ts';
import type { Metric } from './metric-store.ts';

/** Counts lines of one log group as a metric. */
export interface MetricFilter {
  readonly logGroup: string;
  /** Whether a line is one that is counted. */
  readonly counts: (line: Readonly<Record<string, unknown>>) => boolean;
  readonly metric: Metric;
  /** What each line counts. */
  readonly value: number;
}

interface FilterProperties {
  readonly LogGroupName: string;
  readonly FilterPattern: string;
  readonly MetricTransformations: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

/** `{ $.field = "text" }`. Source: "Filter pattern syntax", CloudWatch Logs user guide. */
const fieldPattern = /^\{ \$\.(\w+) = "([^"*]*)" \}$/;

const understood = new Set(['MetricName', 'MetricNamespace', 'MetricValue']);

/**
 * Reads the metric filters of a template.
 * @throws {CommandError} for one that counts in another way than the local stack can.
 */
export function readMetricFilters(template: StackTemplate): MetricFilter[] {
  return template.resourcesOfType('AWS::Logs::MetricFilter').map(({ logicalId, properties }) => {
    const refuse = (what: string): never => {
      throw new CommandError(
        `metric filter ${logicalId} has ${what}, which the local stack does not understand`,
      );
    };
    const { LogGroupName, FilterPattern, MetricTransformations } = properties as unknown as FilterProperties;
    const [, field, text] = fieldPattern.exec(FilterPattern) ?? refuse(`the pattern ${FilterPattern}`);
    const [transformation = {}, ...others] = MetricTransformations;
    const unknown = Object.keys(transformation).filter((name) => !understood.has(name));
    const value = Number(transformation['MetricValue']);
    if (others.length > 0 || unknown.length > 0 || !Number.isFinite(value))
      return refuse(`the transformations ${JSON.stringify(MetricTransformations)}`);
    return {
      logGroup: LogGroupName,
      counts: (line) => line[field!] === text,
      metric: {
        namespace: String(transformation['MetricNamespace']),
        name: String(transformation['MetricName']),
        dimensions: {},
      },
      value,
    };
  });
}
