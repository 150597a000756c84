import { CommandError } from '../../commands/command-error.ts';
import type { ResolvedResource, StackTemplate } from '../template/stack-template.ts';
import { compileExpression } from './metric-math.ts';
import type { MetricExpression, Value } from './metric-math.ts';
import type { Metric, SeriesQuery } from './metric-store.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What an alarm judges, or a line of a graph shows. */
export interface Series {
  /** Id → what it reads. */
  readonly reads: ReadonlyMap<string, Pick<SeriesQuery, 'metric' | 'statistic'>>;
  /** What it computes of what it reads. */
  readonly expression: MetricExpression;
  /** What one value covers. */
  readonly periodSeconds: number;
}

/** An alarm of the template. */
export interface Alarm extends Series {
  readonly name: string;
  readonly description: string;
  /** Whether a value is outside of what it may be. */
  readonly breaches: (value: number) => boolean;
  /** The condition, for people: `> 5`. */
  readonly condition: string;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missingData: MissingData;
}

type MissingData = 'notBreaching' | 'breaching' | 'ignore';

interface MetricProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: ReadonlyArray<{ readonly Name: string; readonly Value: string }>;
}

interface MetricQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: MetricProperties; readonly Period: number; readonly Stat: string };
  readonly ReturnData?: boolean;
}

interface AlarmProperties extends Partial<MetricProperties> {
  readonly AlarmName?: string;
  readonly AlarmDescription?: string;
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Metrics?: readonly MetricQuery[];
  readonly Period?: number;
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly TreatMissingData?: string;
}

const understood = new Set([
  'ActionsEnabled',
  'AlarmActions',
  'AlarmDescription',
  'AlarmName',
  'ComparisonOperator',
  'DatapointsToAlarm',
  'Dimensions',
  'EvaluationPeriods',
  'ExtendedStatistic',
  'MetricName',
  'Metrics',
  'Namespace',
  'Period',
  'Statistic',
  'Threshold',
  'TreatMissingData',
]);

const comparisons: Readonly<
  Record<string, readonly [string, (value: number, threshold: number) => boolean]>
> = {
  GreaterThanThreshold: ['>', (value, threshold) => value > threshold],
  GreaterThanOrEqualToThreshold: ['≥', (value, threshold) => value >= threshold],
  LessThanThreshold: ['<', (value, threshold) => value < threshold],
  LessThanOrEqualToThreshold: ['≤', (value, threshold) => value <= threshold],
};

/** The id of the one metric of a series that computes nothing. */
const onlyId = 'metric';

/** One metric as it is. */
export function plainSeries(metric: Metric, statistic: string): Pick<Series, 'reads' | 'expression'> {
  return {
    reads: new Map([[onlyId, { metric, statistic }]]),
    expression: (values) => values.get(onlyId),
  };
}

/**
 * Reads the alarms of a template.
 * @throws {CommandError} for one that the local stack does not understand in full.
 */
export function readAlarms(template: StackTemplate): Alarm[] {
  return template.resourcesOfType('AWS::CloudWatch::Alarm').map(readAlarm);
}

function readAlarm({ logicalId, properties }: ResolvedResource): Alarm {
  const refuse = (what: string): never => {
    throw new CommandError(`alarm ${logicalId} has ${what}, which the local stack does not understand`);
  };
  for (const name of Object.keys(properties)) if (!understood.has(name)) refuse(name);
  const alarm = properties as unknown as AlarmProperties;
  const { AlarmName: name = logicalId, AlarmDescription: description = '', Threshold: threshold } = alarm;
  const [sign, compares] =
    comparisons[alarm.ComparisonOperator] ?? refuse(`the comparison ${alarm.ComparisonOperator}`);
  const { reads, expression, periods } = readMetrics(alarm, refuse);
  const [periodSeconds, ...otherPeriods] = new Set(periods);
  if (periodSeconds === undefined || otherPeriods.length > 0)
    refuse(`the periods ${[...periods].join(', ')}`);
  return {
    name,
    description,
    breaches: (value) => compares(value, threshold),
    condition: `${sign} ${threshold}`,
    threshold,
    evaluationPeriods: alarm.EvaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods,
    periodSeconds: periodSeconds!,
    missingData: readMissingData(alarm, reads, refuse),
    reads,
    expression,
  };
}

type Refuse = (what: string) => never;

function readMetrics(
  alarm: AlarmProperties,
  refuse: Refuse,
): Pick<Series, 'reads' | 'expression'> & { readonly periods: readonly number[] } {
  const { Metrics: queries, Period = 0, Statistic, ExtendedStatistic } = alarm;
  if (queries === undefined) {
    const statistic = Statistic ?? ExtendedStatistic ?? refuse('no statistic');
    return { ...plainSeries(metricOf(alarm as MetricProperties), statistic), periods: [Period] };
  }
  const stats = queries.flatMap(({ Id, MetricStat }) => (MetricStat ? [{ Id, ...MetricStat }] : []));
  const reads = new Map(
    stats.map(({ Id, Metric, Stat }) => [Id, { metric: metricOf(Metric), statistic: Stat }]),
  );
  // An expression that others are computed of would be another entry.
  const [result, ...others] = queries.filter(({ MetricStat }) => MetricStat === undefined);
  if (result?.Expression === undefined || result.ReturnData === false || others.length > 0)
    return refuse(`${others.length + 1} expressions`);
  const returned = queries.filter(({ ReturnData = true }) => ReturnData);
  if (returned.length !== 1) refuse(`${returned.length} results`);
  return {
    reads,
    expression: compileExpression(result.Expression, new Set(reads.keys())),
    periods: stats.map((stat) => stat.Period),
  };
}

function metricOf({ Namespace: namespace, MetricName: name, Dimensions = [] }: MetricProperties): Metric {
  return {
    namespace,
    name,
    dimensions: Object.fromEntries(Dimensions.map((each) => [each.Name, each.Value])),
  };
}

/**
 * What counts for a period without a value. Alarms on metrics of DynamoDB ignore it, whatever they say.
 * Source: "Configuring how CloudWatch alarms treat missing data", CloudWatch user guide.
 */
function readMissingData(
  { TreatMissingData: treatment }: AlarmProperties,
  reads: Alarm['reads'],
  refuse: Refuse,
): MissingData {
  if ([...reads.values()].some(({ metric }) => metric.namespace === 'AWS/DynamoDB')) return 'ignore';
  if (treatment === 'notBreaching' || treatment === 'breaching' || treatment === 'ignore') return treatment;
  return refuse(`the treatment ${treatment ?? 'missing'} of missing data`);
}

/**
 * How many more periods than it evaluates an alarm looks at, for those of them that have a value. CloudWatch does not say how
 * many; its examples have two. Source: as `readMissingData`.
 */
const morePeriods = 2;

/** How many values {@link judge} wants of an alarm. */
export function judgedPeriods({ evaluationPeriods }: Alarm): number {
  return evaluationPeriods + morePeriods;
}

/**
 * Judges an alarm as CloudWatch does: by the newest values that there are, and where these are too few, by what counts for
 * missing ones. Source: the tables of "Configuring how CloudWatch alarms treat missing data", CloudWatch user guide.
 * @param values of the last periods, oldest first.
 * @param before its state until now, which it keeps where missing data is ignored and would decide.
 */
export function judge(alarm: Alarm, values: readonly Value[], before: AlarmState): AlarmState {
  const { breaches, evaluationPeriods, datapointsToAlarm, missingData } = alarm;
  const there = values.filter((value) => value !== undefined).slice(-evaluationPeriods);
  const breaching = there.filter(breaches).length;
  const missing = evaluationPeriods - there.length;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (missingData === 'ignore') return missing > 0 && breaching === there.length ? before : 'OK';
  return missingData === 'breaching' && breaching + missing >= datapointsToAlarm ? 'ALARM' : 'OK';
}
