import type { Metric } from '../../../local/metrics/metric-store.ts';
import { MetricStore } from '../../../local/metrics/metric-store.ts';
import { platformMetricNames, PlatformMetrics } from '../../../local/metrics/platform-metrics.ts';

const minute = 60_000;
const begin = Date.UTC(2026, 0, 1);

describe('what the platform counts', () => {
  let now: number;
  let store: MetricStore;
  let platform: PlatformMetrics;
  beforeEach(() => {
    now = begin;
    store = new MetricStore(() => now);
    platform = new PlatformMetrics(store, () => now);
  });

  /** A statistic of the first minutes. */
  const of = (
    name: string,
    dimensions: Metric['dimensions'],
    { statistic = 'Sum', namespace = 'AWS/Lambda', minutes = 1 } = {},
  ): (number | undefined)[] => {
    const metric = { namespace, name, dimensions };
    return store.series({ metric, statistic, periodSeconds: 60, from: begin, to: begin + minutes * minute });
  };
  const one = { FunctionName: 'one' };

  it('of an invocation is that it ran, how long, and whether it failed', () => {
    const { began } = platform.function('one', () => undefined);
    const ended = began();
    now += 250;
    ended(false);
    began()(true);
    expect(of('Invocations', one)).toEqual([2]);
    expect(of('Duration', one)).toEqual([250]);
    expect(of('Errors', one)).toEqual([1]);
    expect(of('Errors', one, { statistic: 'Average' })).toEqual([0.5]);
    expect(of('Throttles', one)).toEqual([0]);
  });

  it('of an error counts for the time at which the invocation began', () => {
    const ended = platform.function('one', () => undefined).began();
    now += 3 * minute;
    ended(true);
    expect(of('Errors', one, { minutes: 4 })).toEqual([1, undefined, undefined, undefined]);
  });

  it('of an invocation that is refused is that alone', () => {
    platform.function('one', () => undefined).throttled();
    expect(of('Throttles', one)).toEqual([1]);
    expect(of('Invocations', one)).toEqual([undefined]);
    expect(of('Errors', one)).toEqual([undefined]);
  });

  it('of concurrency is how many run, and what the account cannot give to others', () => {
    const first = platform.function('one', () => undefined);
    const other = platform.function('other', () => 5);
    const ended = first.began();
    first.began();
    other.began();
    ended(false);
    const most = { statistic: 'Maximum' };
    expect(of('ConcurrentExecutions', one, most)).toEqual([2]);
    expect(of('ConcurrentExecutions', { FunctionName: 'other' }, most)).toEqual([1]);
    expect(of('ClaimedAccountConcurrency', {}, most)).toEqual([7]);
    now += minute;
    void platform.sample();
    expect(of('ConcurrentExecutions', one, { ...most, minutes: 2 })).toEqual([2, 1]);
  });

  it('of APIs, mappings, orders and tables has their names', () => {
    const gateway = { namespace: 'AWS/ApiGateway' };
    const answered = platform.request('api');
    now += 40;
    answered(503);
    platform.request('api')(404);
    platform.request('api')(200);
    platform.message('sockets');
    const ofApi = (name: string): unknown => of(name, { ApiId: 'api' }, gateway)[0];
    expect(['Count', '4xx', '5xx', 'Latency'].map(ofApi)).toEqual([3, 1, 1, 40]);
    expect(of('MessageCount', { ApiId: 'sockets' }, gateway)).toEqual([1]);

    platform.batchSent('one', 1234);
    platform.batchSent('one', -3);
    platform.recordsGivenUp('mapping', 7);
    platform.eventDropped('one');
    expect(of('IteratorAge', one)).toEqual([1234]);
    const given = of('OnFailureDestinationDeliveredEventCount', { EventSourceMappingUUID: 'mapping' });
    expect(given).toEqual([7]);
    expect(of('AsyncEventsDropped', one)).toEqual([1]);

    const table = { TableName: 'tasks' };
    platform.consumed({
      operation: 'Query',
      functionName: 'one',
      tableName: 'tasks',
      readUnits: 0.5,
      writeUnits: 0,
    });
    platform.consumed({
      operation: 'Query',
      functionName: 'one',
      tableName: 'tasks',
      readUnits: 0,
      writeUnits: 2,
    });
    const dynamo = { namespace: 'AWS/DynamoDB' };
    expect(of('ConsumedReadCapacityUnits', table, dynamo)).toEqual([0.5]);
    expect(of('ConsumedWriteCapacityUnits', table, dynamo)).toEqual([2]);
  });

  const names = { cluster: 'c', service: 's', balancer: 'app/b/1', targetGroup: 'targetgroup/t/1' };

  it('of a service is how its tasks are, when it is looked, and the server errors of its load balancer', async () => {
    let sample = { healthy: 2, processor: 30, memory: 40 };
    const onAnswered = platform.service(names, async () => sample);
    for (const status of [200, 404, 500, 503]) onAnswered(status, 'task');
    onAnswered(503, 'balancer');
    await platform.sample();
    sample = { healthy: 0, processor: Number.NaN, memory: Number.NaN };
    now += minute;
    await platform.sample();
    const [targets, balancer] = [
      { LoadBalancer: 'app/b/1', TargetGroup: 'targetgroup/t/1' },
      { LoadBalancer: 'app/b/1' },
    ];
    const ofBalancer = { namespace: 'AWS/ApplicationELB', minutes: 2 };
    const ofService = { namespace: 'AWS/ECS', minutes: 2, statistic: 'Average' };

    expect(of('HealthyHostCount', targets, { ...ofBalancer, statistic: 'Minimum' })).toEqual([2, 0]);
    expect(of('HTTPCode_Target_5XX_Count', targets, ofBalancer)).toEqual([2, undefined]);
    expect(of('HTTPCode_ELB_5XX_Count', balancer, ofBalancer)).toEqual([1, undefined]);
    const service = { ClusterName: 'c', ServiceName: 's' };
    expect(of('CPUUtilization', service, ofService)).toEqual([30, undefined]);
    expect(of('MemoryUtilization', service, ofService)).toEqual([40, undefined]);
  });

  it('has the names of the list, which alarms are held to', async () => {
    const onAnswered = platform.service(names, async () => ({ healthy: 1, processor: 1, memory: 1 }));
    onAnswered(500, 'task');
    onAnswered(500, 'balancer');
    await platform.sample();
    const { began, throttled } = platform.function('one', () => undefined);
    began()(false);
    throttled();
    platform.request('api')(200);
    platform.message('api');
    platform.batchSent('one', 1);
    platform.recordsGivenUp('mapping', 1);
    platform.eventDropped('one');
    platform.consumed({
      operation: 'Query',
      functionName: 'one',
      tableName: 'tasks',
      readUnits: 1,
      writeUnits: 1,
    });
    const sent = store.metrics().map(({ namespace, name }) => `${namespace} ${name}`);
    expect(new Set(sent)).toEqual(platformMetricNames);
  });
});
