import type { MetricAlarm, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  paginateDescribeAlarms,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';
import type { Aws, MetricQuestion, Range, Series } from './aws.ts';

function seriesOf({ Values: values = [], Timestamps: times = [] }: MetricDataResult): Series {
  const pairs = values.map((value, index) => ({ value, time: times[index]?.getTime() ?? NaN }));
  pairs.sort((a, b) => a.time - b.time);
  return { values: pairs.map(({ value }) => value), times: pairs.map(({ time }) => time) };
}

/** CloudWatch's part of {@link Aws}, for the alarms whose names begin so. */
export function openMetrics(
  alarmPrefix: string,
): Pick<Aws, 'metrics' | 'compute' | 'alarms' | 'metricNames'> {
  const client = new CloudWatchClient();

  const ask = async (
    queries: readonly MetricDataQuery[],
    { from, to }: Range,
  ): Promise<ReadonlyMap<string, MetricDataResult>> => {
    const { MetricDataResults: results = [], Messages: messages = [] } = await client.send(
      new GetMetricDataCommand({
        MetricDataQueries: [...queries],
        StartTime: new Date(from),
        EndTime: new Date(to),
      }),
    );
    const trouble = [...messages, ...results.flatMap(({ Messages: own = [] }) => own)];
    if (trouble.length > 0) throw new Error(trouble.map(({ Code, Value }) => `${Code}: ${Value}`).join('; '));
    return new Map(results.map((result) => [result.Id ?? '', result]));
  };

  return {
    metrics: async (questions, range) => {
      const results = await ask(questions.map(queryOf), range);
      return questions.map((_, index) => seriesOf(results.get(`m${index}`) ?? {}));
    },
    compute: async (queries, asked, range) => seriesOf((await ask(queries, range)).get(asked) ?? {}),
    alarms: async () => {
      const found: MetricAlarm[] = [];
      const pages = paginateDescribeAlarms({ client }, { AlarmNamePrefix: alarmPrefix });
      for await (const { MetricAlarms: alarms = [] } of pages) found.push(...alarms);
      return found;
    },
    metricNames: async (namespace) => {
      const found: Array<{ name: string; dimensions: Record<string, string> }> = [];
      for await (const { Metrics: metrics = [] } of paginateListMetrics(
        { client },
        { Namespace: namespace, RecentlyActive: 'PT3H' },
      )) {
        for (const { MetricName: name = '', Dimensions: dimensions = [] } of metrics) {
          const values = dimensions.map(({ Name, Value }) => [Name, Value] as const);
          found.push({ name, dimensions: Object.fromEntries(values) as Record<string, string> });
        }
      }
      return found;
    },
  };
}

function queryOf(question: MetricQuestion, index: number): MetricDataQuery {
  const { namespace, name, dimensions, statistic, periodSeconds } = question;
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id: `m${index}`,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions },
      Period: periodSeconds,
      Stat: statistic,
    },
  };
}
