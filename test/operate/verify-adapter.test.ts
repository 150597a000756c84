import { openAws } from '../../operate/verify-account/aws/open-aws.ts';
import { logicalNames, mappingName } from '../../operate/verify-account/aws/stage-resources.ts';
import { queryNames } from '../../lib/operations/saved-queries.ts';
import { expectedQueries } from '../../operate/verify-account/on-aws/saved-queries.ts';
import { localTemplate, resources as resourcesOf } from '../stack/synthesized.ts';
import type { Answers } from './fake-account.ts';
import { FakeAccount } from './fake-account.ts';

const at = 1_764_288_000_000;
const range = { from: at - 3_600_000, to: at };
const hash = 'ABCDEF12';

/** Two pages of resources: the second is what `DescribeStackResources` would not give. */
const resources = (input: Readonly<Record<string, unknown>>): { xml: string } => {
  const member = (logical: string, physical: string): string =>
    `<member><LogicalResourceId>${logical}</LogicalResourceId><PhysicalResourceId>${physical}</PhysicalResourceId></member>`;
  const names = Object.entries(logicalNames).flatMap(([name, logical]) => [
    member(`${logical}Function${hash}`, `${name}-function`),
    member(`${logical}Logs${hash}`, `${name}-log`),
  ]);
  const second = input['NextToken'] === undefined ? '' : member(`${mappingName}${hash}`, 'mapping-1');
  return second
    ? { xml: `<StackResourceSummaries>${second}</StackResourceSummaries>` }
    : { xml: `<StackResourceSummaries>${names.join('')}</StackResourceSummaries><NextToken>2</NextToken>` };
};

let account: FakeAccount | undefined;
const before = { ...process.env };
/** Opens the account with these answers, and the resources of a stage. */
async function open(answers: Answers): Promise<ReturnType<typeof openAws>> {
  const opened = await FakeAccount.start({ ListStackResources: resources, ...answers });
  account = opened;
  Object.assign(process.env, opened.environment);
  return openAws('dev', 'bucket');
}
afterEach(async () => {
  process.env = { ...before };
  await account?.close();
  account = undefined;
});
const inputsOf = (operation: string): readonly object[] =>
  account!.asked.filter((each) => each.operation === operation).map(({ input }) => input);

describe('the names of what is looked at', () => {
  const logicalIds = Object.keys(resourcesOf(localTemplate()));

  it.each([
    ...Object.values(logicalNames).flatMap((name) => [`${name}Function`, `${name}Logs`]),
    mappingName,
  ])('%s is one resource of the template', (name) => {
    expect(logicalIds.filter((id) => new RegExp(`^${name}[0-9A-F]{8}$`).test(id))).toHaveLength(1);
  });

  it('are those of the saved queries', () => {
    expect(expectedQueries.toSorted()).toEqual(queryNames.toSorted());
  });
});

describe('the account is asked', () => {
  it('for names, on all pages of the stack’s resources', async () => {
    const aws = await open({});
    expect(await aws.nameOf('fanout')).toBe('fanout-function');
    expect(await aws.logGroupOf('stream')).toBe('stream-log');
    expect(inputsOf('ListStackResources')).toHaveLength(2);
  });

  it('for metrics, which it gives the oldest first', async () => {
    const seconds = (minute: number): number => at / 1000 - 60 * minute;
    const aws = await open({
      GetMetricData: () => ({
        MetricDataResults: [{ Id: 'm0', Timestamps: [seconds(1), seconds(3)], Values: [1, 3] }],
      }),
    });
    const question = {
      namespace: 'AWS/Lambda',
      name: 'Duration',
      dimensions: { FunctionName: 'f' },
      statistic: 'Sum',
      periodSeconds: 60,
    } as const;
    expect(await aws.metrics([question, question], range)).toEqual([
      { values: [3, 1], times: [at - 180_000, at - 60_000] },
      { values: [], times: [] },
    ]);
    expect(inputsOf('GetMetricData')).toMatchObject([
      {
        MetricDataQueries: [
          {
            Id: 'm0',
            MetricStat: {
              Metric: { Namespace: 'AWS/Lambda', Dimensions: [{ Name: 'FunctionName', Value: 'f' }] },
              Stat: 'Sum',
            },
          },
          { Id: 'm1' },
        ],
      },
    ]);
  });

  it('for what is computed, and tells what CloudWatch does not understand', async () => {
    const aws = await open({
      GetMetricData: () => ({
        MetricDataResults: [],
        Messages: [{ Code: 'Bad', Value: 'no such function' }],
      }),
    });
    const query = { Id: 'a', Expression: 'NONE()' };
    await expect(aws.compute([query], 'a', range)).rejects.toThrow('Bad: no such function');
  });

  it('for alarms and metrics', async () => {
    const aws = await open({
      DescribeAlarms: () => ({ MetricAlarms: [{ AlarmName: 'Taskwire-dev-LateEvents' }] }),
      ListMetrics: () => ({
        Metrics: [{ MetricName: 'Polls', Dimensions: [{ Name: 'service', Value: 'stream' }] }],
      }),
    });
    expect(await aws.alarms()).toMatchObject([{ AlarmName: 'Taskwire-dev-LateEvents' }]);
    expect(await aws.metricNames('Taskwire/dev')).toEqual([
      { name: 'Polls', dimensions: { service: 'stream' } },
    ]);
    expect(inputsOf('ListMetrics')).toEqual([{ Namespace: 'Taskwire/dev', RecentlyActive: 'PT3H' }]);
    expect(inputsOf('DescribeAlarms')).toMatchObject([{ AlarmNamePrefix: 'Taskwire-dev-' }]);
  });

  it('for lines of a log, page by page', async () => {
    const aws = await open({
      FilterLogEvents: ({ nextToken }) =>
        nextToken === undefined
          ? { events: [{ message: 'one' }], nextToken: 'next' }
          : { events: [{ message: 'two' }] },
    });
    expect(await aws.logLines('stream', '{ $.a = 1 }', at)).toEqual(['one', 'two']);
    expect(inputsOf('FilterLogEvents')[0]).toMatchObject({
      logGroupName: 'stream-log',
      filterPattern: '{ $.a = 1 }',
    });
  });

  it('for saved queries, which are run to their end', async () => {
    let looks = 0;
    const aws = await open({
      DescribeQueryDefinitions: () => ({
        queryDefinitions: [{ name: 'Taskwire/dev/ends', queryString: 'fields a', logGroupNames: ['log'] }],
      }),
      StartQuery: () => ({ queryId: 'query-1' }),
      GetQueryResults: () => ({ status: (looks += 1) < 2 ? 'Running' : 'Complete', results: [] }),
    });
    const [query] = await aws.savedQueries();
    expect(query).toEqual({ name: 'ends', text: 'fields a', logGroups: ['log'] });
    expect(await aws.runQuery(query!, range)).toBe('Complete');
    expect(looks).toBe(2);
  });

  it('for prices by their tiers, and for the bill of a day', async () => {
    const product = {
      product: { attributes: { usagetype: 'Request-ARM' } },
      terms: {
        OnDemand: {
          term: {
            priceDimensions: {
              b: { unit: 'Requests', beginRange: '10', pricePerUnit: { USD: '0.1' } },
              a: { unit: 'Requests', beginRange: '0', pricePerUnit: { USD: '0.2' } },
            },
          },
        },
      },
    };
    const amounts = { UnblendedCost: { Amount: '1.5' }, UsageQuantity: { Amount: '30' } };
    const aws = await open({
      GetProducts: () => ({ PriceList: [JSON.stringify(product)] }),
      GetCostAndUsage: () => ({ ResultsByTime: [{ Groups: [{ Keys: ['Request-ARM'], Metrics: amounts }] }] }),
    });
    expect(await aws.listedPrices('AWSLambda', 'Request-ARM')).toEqual([
      {
        usageType: 'Request-ARM',
        tiers: [
          { from: 0, dollars: 0.2, unit: 'Requests' },
          { from: 10, dollars: 0.1, unit: 'Requests' },
        ],
      },
    ]);
    expect(await aws.billOf('2026-11-30')).toEqual([
      { usageType: 'Request-ARM', quantity: 30, dollars: 1.5 },
    ]);
    expect(inputsOf('GetCostAndUsage')).toMatchObject([
      { TimePeriod: { Start: '2026-11-30', End: '2026-12-01' } },
    ]);
  });
});

describe('settings of functions', () => {
  const configuration = '/2015-03-31/functions/stream-function/configuration';
  const mapping = '/2015-03-31/event-source-mappings/mapping-1';
  const concurrency = '/functions/fanout-function/concurrency';

  it('are changed and put back, the other variables with them', async () => {
    const Environment = { Variables: { HEARTBEAT_SECONDS: '15', OTHER: 'x' } };
    const aws = await open({
      [`GET ${configuration}`]: () => ({ Environment }),
      [`PUT ${configuration}`]: () => ({}),
      'GET /2015-03-31/functions/stream-function': () => ({
        Configuration: { LastUpdateStatus: 'Successful' },
      }),
    });
    const putBack = await aws.changeEnvironment('stream', { HEARTBEAT_SECONDS: '120' });
    await putBack();
    expect(inputsOf(`PUT ${configuration}`)).toEqual([
      { Environment: { Variables: { HEARTBEAT_SECONDS: '120', OTHER: 'x' } } },
      { Environment },
    ]);
  });

  it('that cannot be put back are told, with what they were', async () => {
    let puts = 0;
    const aws = await open({
      [`GET ${configuration}`]: () => ({ Environment: { Variables: { HEARTBEAT_SECONDS: '15' } } }),
      [`PUT ${configuration}`]: () => {
        puts += 1;
        return {};
      },
      'GET /2015-03-31/functions/stream-function': () => ({
        Configuration: { LastUpdateStatus: puts === 1 ? 'Successful' : 'Failed' },
      }),
    });
    const putBack = await aws.changeEnvironment('stream', { HEARTBEAT_SECONDS: '120' });
    await expect(putBack()).rejects.toThrow(
      /^NOT PUT BACK, do it by hand: stream-function must have HEARTBEAT_SECONDS=15 again/,
    );
  });

  it('of the fan-out and its mapping are put back as they were', async () => {
    const aws = await open({
      'GET /2019-09-30/functions/fanout-function/concurrency': () => ({ ReservedConcurrentExecutions: 50 }),
      [`PUT /2017-10-31${concurrency}`]: () => ({}),
      [`GET ${mapping}`]: () => ({ State: 'Enabled', MaximumRecordAgeInSeconds: 72_000 }),
      [`PUT ${mapping}`]: () => ({}),
    });
    const putBack = await aws.stopFanOut();
    expect(inputsOf(`PUT ${mapping}`)).toEqual([{ MaximumRecordAgeInSeconds: 60 }]);
    expect(inputsOf(`PUT /2017-10-31${concurrency}`)).toEqual([{ ReservedConcurrentExecutions: 0 }]);
    await putBack();
    expect(inputsOf(`PUT ${mapping}`).at(-1)).toEqual({ MaximumRecordAgeInSeconds: 72_000 });
    expect(inputsOf(`PUT /2017-10-31${concurrency}`).at(-1)).toEqual({ ReservedConcurrentExecutions: 50 });
  });
});
