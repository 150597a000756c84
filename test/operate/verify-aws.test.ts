import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { billedMetrics, metricDefinitions } from '../../lambdas/shared/signals/metrics.ts';
import { prices } from '../../lib/operations/prices.ts';
import type { PriceName } from '../../lib/operations/prices.ts';
import type { Aws, BilledUsage, MetricQuestion, Series } from '../../operate/verify-account/aws/aws.ts';
import type { Context } from '../../operate/verify-account/context.ts';
import type { Experiment, Finding } from '../../operate/verify-account/experiment.ts';
import { alarmMath, withoutFanOut } from '../../operate/verify-account/on-aws/alarm-math.ts';
import { bill } from '../../operate/verify-account/on-aws/bill.ts';
import { durations } from '../../operate/verify-account/on-aws/durations.ts';
import { iteratorAge } from '../../operate/verify-account/on-aws/iterator-age.ts';
import { logBytes } from '../../operate/verify-account/on-aws/log-bytes.ts';
import { ownMetrics } from '../../operate/verify-account/on-aws/own-metrics.ts';
import { priceCheck } from '../../operate/verify-account/on-aws/price-check.ts';
import { priceListEntries } from '../../operate/verify-account/on-aws/price-list.ts';
import { expectedQueries, savedQueries } from '../../operate/verify-account/on-aws/saved-queries.ts';
import { readTime } from '../../operate/verify-account/on-stage/reads.ts';
import { accountContext, stageFacts } from './experiment-context.ts';

const find = (experiment: Experiment, aws: Partial<Aws>, more: Partial<Context> = {}): Promise<Finding> =>
  experiment.run(accountContext({ ...names, ...aws }, more));

const names: Partial<Aws> = {
  nameOf: async (name) => `${name}-function`,
  logGroupOf: async (name) => `${name}-log`,
};
const none: Series = { values: [], times: [] };
const minutes = (values: readonly number[], from = 0): Series => ({
  values,
  times: values.map((_, index) => (from + index) * 60_000),
});

/** CloudWatch with one value for some metrics, by `name of dimension`. */
function metricsOf(values: Readonly<Record<string, number>>): Partial<Aws> {
  const valueOf = ({ name, dimensions }: MetricQuestion): number | undefined =>
    values[`${name} of ${Object.values(dimensions).join(' ')}`];
  return {
    metrics: async (questions) =>
      questions.map((question) => {
        const value = valueOf(question);
        return value === undefined ? none : minutes([value]);
      }),
  };
}

describe('what CloudWatch counts', () => {
  const duration = (ms: number): Partial<Aws> =>
    metricsOf({ 'Duration of tasks-function': 30, 'Duration of fanout-function': ms });

  it.each([
    ['durations as assumed', durations, duration(80), 'as assumed'],
    ['a slow function', durations, duration(101), 'differs'],
    ['no durations', durations, metricsOf({}), 'could not tell'],
    [
      'reads as assumed',
      readTime,
      metricsOf({ 'SuccessfulRequestLatency of events Query': 4 }),
      'as assumed',
    ],
    [
      'slow reads of one kind',
      readTime,
      metricsOf({
        'SuccessfulRequestLatency of events GetItem': 4,
        'SuccessfulRequestLatency of events Query': 40,
      }),
      'differs',
    ],
    ['no reads', readTime, metricsOf({}), 'could not tell'],
    [
      'logs as assumed',
      logBytes,
      metricsOf({ 'IncomingBytes of fanout-log': 90_000, 'Invocations of fanout-function': 100 }),
      'as assumed',
    ],
    [
      'long logs',
      logBytes,
      metricsOf({ 'IncomingBytes of tasks-log': 400_000, 'Invocations of tasks-function': 100 }),
      'differs',
    ],
    ['no logs', logBytes, metricsOf({ 'IncomingBytes of tasks-log': 400_000 }), 'could not tell'],
  ] as const)('%s', async (_, experiment, aws, verdict) => {
    expect(await find(experiment, aws)).toMatchObject({ verdict });
  });

  it.each([
    ['with the invocations only', minutes([1, 1, 1]), minutes([5, 5, 5]), 'as assumed'],
    ['without invocations too', minutes([1, 0, 0, 0]), minutes([5, 5, 5, 5]), 'differs'],
    ['never', minutes([1, 1]), none, 'differs'],
    ['nor was it invoked', none, none, 'could not tell'],
  ])('the age of what waits is told %s', async (_, ran, age, verdict) => {
    const metrics: Aws['metrics'] = async (questions) =>
      questions.map(({ name }) => (name === 'Invocations' ? ran : age));
    expect(await find(iteratorAge, { metrics })).toMatchObject({ verdict });
  });
});

describe('metric math', () => {
  const stat = (Namespace: string, Name: string) => ({
    Metric: { Namespace, MetricName: 'm', Dimensions: [{ Name, Value: 'real' }] },
    Period: 300,
    Stat: 'Sum',
  });
  const stopped: MetricAlarm = {
    AlarmName: 'Taskwire-dev-StoppedFanOut',
    Metrics: [
      { Id: 'expr_1', Expression: 'IF(FILL(written, 0) > 0 AND FILL(invoked, 0) == 0, 1, 0)' },
      { Id: 'written', MetricStat: stat('AWS/DynamoDB', 'TableName'), ReturnData: false },
      { Id: 'invoked', MetricStat: stat('AWS/Lambda', 'FunctionName'), ReturnData: false },
    ],
  };
  const plain: MetricAlarm = { AlarmName: 'Taskwire-dev-FailedBatches', MetricName: 'm' };
  /** Gives these values where the fan-out never ran. */
  const computing = (values: readonly number[]): Partial<Aws> => ({
    alarms: async () => [plain, stopped],
    compute: async (queries) =>
      JSON.stringify(queries).includes('"real"}]},"Period":300,"Stat":"Sum"},"ReturnData":false}]')
        ? minutes([0])
        : minutes(values),
  });

  it('is asked for the same expression, of a function that never ran', () => {
    const [expression, written, invoked] = withoutFanOut(stopped.Metrics!);
    expect([expression, written]).toEqual(stopped.Metrics!.slice(0, 2));
    expect(invoked!.MetricStat!.Metric!.Dimensions).toEqual([
      { Name: 'FunctionName', Value: expect.stringContaining('never') },
    ]);
  });

  it.each([
    ['fills a metric that has no value', [0, 1, 1], 'as assumed'],
    ['gives nothing for it', [], 'differs'],
    ['says 0, as where nothing is written', [0, 0], 'could not tell'],
  ] as const)('%s', async (_, values, verdict) => {
    expect(await find(alarmMath, computing(values))).toMatchObject({
      verdict,
      measured: { 'computed alarms': 1 },
    });
  });

  it('differs where an alarm cannot be computed, and says which', async () => {
    const aws = computing([1]);
    const compute: Aws['compute'] = async (queries, asked, range) => {
      if (queries === stopped.Metrics) throw new Error('unknown function FILL');
      return aws.compute!(queries, asked, range);
    };
    const { verdict, found } = await find(alarmMath, { ...aws, compute });
    expect(verdict).toBe('differs');
    expect(found).toContain('Taskwire-dev-StoppedFanOut: unknown function FILL');
  });

  it('cannot be asked where there is no such alarm', async () => {
    expect(await find(alarmMath, { alarms: async () => [plain] })).toMatchObject({
      verdict: 'could not tell',
    });
  });
});

describe('saved queries', () => {
  const all = expectedQueries.map((name) => ({ name, text: 'fields @message', logGroups: ['log'] }));

  it.each([
    ['that all run', all, 'Complete', 'as assumed'],
    ['of which one is missing', all.slice(1), 'Complete', 'differs'],
    ['that are not understood', all, 'Failed', 'differs'],
  ] as const)('%s', async (_, queries, status, verdict) => {
    const aws: Partial<Aws> = { savedQueries: async () => queries, runQuery: async () => status };
    expect(await find(savedQueries, aws)).toMatchObject({ verdict });
  });

  it('that are refused are told with the reason', async () => {
    const runQuery: Aws['runQuery'] = async () => {
      throw new Error('unexpected symbol');
    };
    const { found } = await find(savedQueries, { savedQueries: async () => all, runQuery });
    expect(found).toContain('trouble (unexpected symbol) does not run');
  });

  it('are none where the stage has no monitoring', async () => {
    const off = { stage: { ...stageFacts, monitoring: 'off' as const } };
    expect(await find(savedQueries, {}, off)).toMatchObject({ verdict: 'could not tell' });
  });
});

describe('metrics of our own', () => {
  const all = Object.entries(metricDefinitions).flatMap(([name, { services }]) =>
    services.map((service) => ({ name, dimensions: { service } })),
  );
  const more = Array.from({ length: billedMetrics() }, (_, index) => ({
    name: 'Ended',
    dimensions: { service: 'stream', reason: `reason-${index}` },
  }));
  const counted = { name: 'LastingTrouble', dimensions: {} };

  it.each([
    ['that are all there', [...all, counted], 'as assumed'],
    [
      'of which those of streams are missing',
      all.filter(({ dimensions }) => dimensions.service !== 'stream'),
      'differs',
    ],
    [
      'of which those of the gauge are missing',
      all.filter(({ dimensions }) => dimensions.service !== 'gauge'),
      'differs',
    ],
    ['that are more than the bill has', [...all, ...more], 'differs'],
  ] as const)('%s', async (_, metrics, verdict) => {
    expect(await find(ownMetrics, { metricNames: async () => metrics })).toMatchObject({ verdict });
  });

  it('are none of the gauge where the stage has none', async () => {
    const without = all.filter(({ dimensions }) => dimensions.service !== 'gauge');
    const stage = { ...stageFacts, gaugeMinutes: 0 };
    expect(await find(ownMetrics, { metricNames: async () => without }, { stage })).toMatchObject({
      verdict: 'as assumed',
    });
  });
});

describe('prices', () => {
  /** The price list with our prices, but for what is said otherwise: dollars for one unit. */
  const listing = (other: Partial<Record<PriceName, number | undefined>>): Partial<Aws> => ({
    listedPrices: async (_, usageType) => {
      const name = (Object.keys(priceListEntries) as PriceName[]).find(
        (each) => priceListEntries[each]!.usageType === usageType,
      )!;
      const dollars = name in other ? other[name] : prices[name].dollars / prices[name].per;
      if (dollars === undefined) return [];
      const free = { from: 0, dollars: 0, unit: '' };
      const tiers = [
        { from: 1, dollars, unit: '' },
        { from: 2, dollars: dollars / 2, unit: '' },
      ];
      return [{ usageType, tiers: name === 'edgeRuns' ? [free, ...tiers] : tiers }];
    },
  });

  it.each([
    ['that are ours', {}, 'as assumed', /all \d+ are the same/],
    ['of which one is another', { streamed: 0.016 }, 'differs', /streamed.*\$0\.016, not \$0\.008/],
    ['of which one is not listed', { logs: undefined }, 'could not tell', /no USE1-DataProcessing-Bytes/],
  ] as const)('%s', async (_, other, verdict, found) => {
    expect(await find(priceCheck, listing(other))).toMatchObject({
      verdict,
      found: expect.stringMatching(found),
    });
  });
});

describe('the bill of a day', () => {
  const computeLine = (quantity: number): BilledUsage => ({
    usageType: 'Lambda-GB-Second-ARM',
    quantity,
    dollars: quantity * prices.compute.dollars,
  });
  // A thousand seconds of the stream function, of 256 MB.
  const counted = metricsOf({ 'Duration of stream-function': 1_000_000 });
  const billed = (...lines: readonly BilledUsage[]): Partial<Aws> => ({
    ...counted,
    billOf: async () => lines,
  });

  it.each([
    ['that is what was counted', billed(computeLine(255)), 'as assumed'],
    ['with more compute than was counted', billed(computeLine(400)), 'differs'],
    ['that was free', billed({ ...computeLine(250), dollars: 0 }), 'as assumed'],
    ['with another price', billed({ ...computeLine(250), dollars: 1 }), 'differs'],
    [
      'with something that our bill does not know',
      billed(computeLine(250), { usageType: 'NatGateway-Hours', quantity: 24, dollars: 1.08 }),
      'differs',
    ],
    ['that is not there yet', billed(), 'could not tell'],
  ] as const)('%s', async (_, aws, verdict) => {
    expect(await find(bill, aws)).toMatchObject({ verdict });
  });
});
