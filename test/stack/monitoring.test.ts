import type { Template } from 'aws-cdk-lib/assertions';
import type { AlarmDefinition, AlarmName } from '../../lib/operations/alarm-table.ts';
import { alarmReads, alarmTable } from '../../lib/operations/alarm-table.ts';
import type { Resource } from './synthesized.ts';
import { devTemplate, plain, resource, resources } from './synthesized.ts';

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: { Value: unknown }[];
  readonly Metrics?: { Expression?: string; MetricStat?: { Metric: { MetricName: string } } }[];
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Period?: number;
  readonly TreatMissingData: string;
  readonly AlarmActions?: unknown[];
}

/** All alarms of a template, by their names without the stage. */
function alarmsOf(template: Template): Readonly<Record<string, AlarmProperties>> {
  const alarms = Object.values(resources(template, 'AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties as unknown as AlarmProperties,
  );
  return Object.fromEntries(alarms.map((each) => [each.AlarmName.replace('Taskwire-dev-', ''), each]));
}

/** The names of the alarms of a stage by what hosts its streams. */
function listed(host: 'function' | 'web-function' | 'container'): AlarmName[] {
  return (Object.keys(alarmTable) as AlarmName[]).filter((name) => {
    const { hosts }: AlarmDefinition = alarmTable[name];
    return hosts?.includes(host) ?? true;
  });
}

/** Everything that the dashboard shows, as text. */
function dashboardOf(template: Template): string {
  const dashboards = Object.values(resources(template, 'AWS::CloudWatch::Dashboard'));
  expect(dashboards).toHaveLength(1);
  const [{ Properties } = {} as Resource] = dashboards;
  return JSON.stringify(Properties['DashboardBody']);
}

describe('what operators see of a stage', () => {
  let template: Template;
  let bare: Template;
  beforeAll(async () => {
    [template, bare] = await Promise.all([
      devTemplate({
        alarmEmails: ['a@example.com', 'b@example.com'],
        streamConcurrency: 40,
        reservedConcurrency: 7,
        canaryMinutes: 7,
      }),
      devTemplate({ metrics: 'off', canaryMinutes: 7 }),
    ]);
  });

  it.each([
    ['LateEvents', 'AWS/Lambda IteratorAge', 'FanOutFanoutFunction'],
    ['FailedBatches', 'AWS/Lambda OnFailureDestinationDeliveredEventCount', 'FanOutMapping'],
    ['RefusedStreams', 'AWS/Lambda Throttles', 'StreamUrlStreamFunction'],
    ['FailedStreams', 'AWS/Lambda Errors', 'StreamUrlStreamFunction'],
    ['FailedSockets', 'AWS/Lambda Errors', 'SocketsWebsocketFunction'],
    ['LostPushes', 'AWS/Lambda AsyncEventsDropped', 'PushFunction'],
    ['FailedRequests', 'AWS/ApiGateway 5xx', 'ApiHttpApi'],
    ['SlowDelivery', 'Taskwire/dev WriteToFrame', 'stream'],
  ])('%s watches %s of %s', (name, metric, watched) => {
    const { Namespace, MetricName, Dimensions = [] } = alarmsOf(template)[name]!;

    expect(`${Namespace} ${MetricName}`).toBe(metric);
    expect(Dimensions.map(({ Value }) => plain(Value))).toEqual([watched]);
  });

  it.each([
    ['StoppedFanOut', ['ConsumedWriteCapacityUnits', 'Invocations']],
    ['FailedCanary', ['Invocations', 'Errors']],
    ['NearConcurrency', ['ConcurrentExecutions']],
    ['IncompleteResumes', ['ResumesComplete', 'ResumesIncomplete']],
    ['UnheardStreams', ['Ended', 'Followed']],
    [
      'CostADay',
      [
        'Duration',
        'Count',
        'MessageCount',
        'ConsumedReadCapacityUnits',
        'ConsumedWriteCapacityUnits',
        'ConsumedReadCapacityUnits',
        'ConsumedWriteCapacityUnits',
        'ConsumedReadCapacityUnits',
        'ConsumedWriteCapacityUnits',
      ],
    ],
    ['RefusedInvocations', ['Throttles', 'Throttles', 'Throttles', 'Throttles', 'Throttles']],
  ])('%s is computed of %j', (name, metrics) => {
    const used = alarmsOf(template)[name]!.Metrics!.flatMap(
      ({ MetricStat }) => MetricStat?.Metric.MetricName ?? [],
    );
    expect(used).toEqual(metrics);
  });

  it('has each alarm of the list, with its condition, its entry in the runbook and a mail to the recipients', () => {
    const alarms = alarmsOf(template);
    expect(Object.keys(alarms).toSorted()).toEqual(listed('function').toSorted());
    for (const name of listed('function')) {
      const definition: AlarmDefinition = alarmTable[name];
      const { text, threshold, periods, minutes, breaching = periods, missingIsBad } = definition;
      const { AlarmDescription, Threshold, EvaluationPeriods, DatapointsToAlarm, ...rest } = alarms[name]!;
      expect(AlarmDescription).toBe(`${text} docs/RUNBOOK.md#${name.toLowerCase()}`);
      expect([Threshold, EvaluationPeriods, DatapointsToAlarm]).toEqual([threshold, periods, breaching]);
      // One that is computed says so of each metric that it is computed of.
      expect(JSON.stringify(rest)).toContain(`"Period":${(minutes === 'canary' ? 7 : minutes) * 60}`);
      expect(rest.TreatMissingData).toBe(missingIsBad ? 'breaching' : 'notBreaching');
      expect(rest.AlarmActions?.map((action) => plain(action))).toEqual(['MonitoringTopic']);
    }
  });

  it('prices a day by what was used', () => {
    const { Expression = '' } = alarmsOf(template)['CostADay']!.Metrics!.find(({ Expression: one }) => one)!;
    const prices: Record<string, number> = Object.fromEntries(
      [...Expression.matchAll(/FILL\((\w+), 0\) \* ([\d.]+)/g)].map(([, name, price]) => [
        name,
        Number(price),
      ]),
    );
    expect(Expression).toMatch(/^100 \* \(.+\) \/ 25$/);
    // 100 streams for 8 hours, a million of each request, message and unit: as docs/DEPLOY.md prices them.
    expect(100 * 8 * 3_600_000 * prices['streamed']!).toBeCloseTo(100 * 8 * 0.012, 3);
    const millions = Object.entries(prices).map(([name, price]) => [
      name,
      Number((price * 1_000_000).toFixed(6)),
    ]);
    expect(Object.fromEntries(millions)).toMatchObject({
      requests: 1,
      messages: 1,
      tasksTableReads: 0.125,
      eventsTableWrites: 0.625,
      connectionsTableReads: 0.125,
    });
  });

  it('reads as many metrics with its alarms as the list says, each of which is billed', () => {
    const read = Object.values(alarmsOf(template))
      .map(({ Metrics }) => Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1)
      .reduce((sum, count) => sum + count, 0);
    expect(read).toBe(alarmReads('every stage') + alarmReads('canary'));
  });

  it('has no alarm and no graph of what a stage does not send', () => {
    const needed = listed('function').filter((name) => 'needsMetrics' in alarmTable[name]);
    expect(Object.keys(alarmsOf(bare))).toHaveLength(listed('function').length - needed.length);
    for (const name of needed) expect(alarmsOf(bare)).not.toHaveProperty([name]);
    expect(Object.keys(alarmsOf(bare))).toContain('FailedCanary');
    expect(dashboardOf(bare)).not.toContain('WriteToFrame');
    expect(dashboardOf(bare)).toContain('IteratorAge');
    expect(resource(bare, 'ApiTasksFunction').Properties).toMatchObject({
      Environment: { Variables: { POWERTOOLS_METRICS_DISABLED: 'true' } },
    });
  });

  it('shows each alarm in a graph, and delivery, streams, API, cost and errors', () => {
    const body = dashboardOf(template);
    for (const section of ['Delivery', 'Streams', 'API', 'Cost', 'Errors']) expect(body).toContain(section);
    for (const name of listed('function')) expect(body).toContain(name);
    expect(body).toContain('{Taskwire/dev,service,reason}');
    expect(body).toContain('{Taskwire/dev,service,fault}');
  });

  it('looks at the whole account where the streams of the stage are not bounded', () => {
    const [running] = alarmsOf(bare)['NearConcurrency']!.Metrics!.flatMap(
      ({ MetricStat }) => MetricStat?.Metric ?? [],
    );
    expect(running).toEqual({ Namespace: 'AWS/Lambda', MetricName: 'ClaimedAccountConcurrency' });
  });

  it.each([
    ['PassingTrouble', 'passing'],
    ['LastingTrouble', 'lasting'],
  ])('counts with %s what the functions soften for clients', (name, kind) => {
    const filters = Object.values(resources(template, 'AWS::Logs::MetricFilter'))
      .map(({ Properties }) => Properties)
      .filter(({ FilterPattern }) => FilterPattern === `{ $.trouble = "${kind}" }`);
    const counted = { MetricNamespace: 'Taskwire/dev', MetricName: name, MetricValue: '1' };

    expect(filters.map(({ LogGroupName }) => plain(LogGroupName)).toSorted()).toEqual([
      'ApiConnectionsLogs',
      'ApiTasksLogs',
      'FanOutFanoutLogs',
      'GaugeLogs',
      'PushLogs',
      'SocketsWebsocketLogs',
      'StreamUrlStreamLogs',
    ]);
    for (const filter of filters) expect(filter['MetricTransformations']).toEqual([counted]);
    expect(alarmsOf(template)[name]).toMatchObject({
      Namespace: counted.MetricNamespace,
      MetricName: name,
      Statistic: 'Sum',
    });
  });

  it('mails to every recipient', () => {
    const subscriptions = Object.values(resources(template, 'AWS::SNS::Subscription'));

    expect(subscriptions.map(({ Properties }) => [Properties['Protocol'], Properties['Endpoint']])).toEqual([
      ['email', 'a@example.com'],
      ['email', 'b@example.com'],
    ]);
  });

  it('may publish, and only this account', () => {
    expect(resource(template, 'MonitoringTopicPolicy').Properties['PolicyDocument']).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      ]),
    });
  });

  it('has alarms that mail to nobody where there are no recipients', () => {
    expect(resources(bare, 'AWS::SNS::Topic')).toEqual({});
    for (const { AlarmActions } of Object.values(alarmsOf(bare))) expect(AlarmActions).toBeUndefined();
  });

  it('has the counts of the mapping that the alarms need', async () => {
    expect(resource(template, 'FanOutMapping').Properties).toMatchObject({
      MetricsConfig: { Metrics: ['EventCount'] },
    });
    const quiet = await devTemplate({ monitoring: 'off', canaryMinutes: 7 });
    expect(resource(quiet, 'FanOutMapping').Properties).not.toHaveProperty('MetricsConfig');
    for (const type of ['Alarm', 'Dashboard'].map((each) => `AWS::CloudWatch::${each}`))
      expect(resources(quiet, type)).toEqual({});
    expect(resources(quiet, 'AWS::Logs::QueryDefinition')).toEqual({});
  });
});

describe('what operators see of a stage whose streams are in containers', () => {
  let template: Template;
  beforeAll(async () => {
    template = await devTemplate({ streamHost: 'container', edge: 'on', canaryMinutes: 7, leastTasks: 3 });
  });

  it('has the alarms of containers, and none that are of a function for streams', () => {
    expect(Object.keys(alarmsOf(template)).toSorted()).toEqual(listed('container').toSorted());
    expect(listed('container')).toEqual(
      expect.arrayContaining(['MissingTasks', 'FullTasks', 'BusyTasks', 'FailedTasks']),
    );
    expect(listed('container')).not.toEqual(expect.arrayContaining(['RefusedStreams']));
    const body = dashboardOf(template);
    for (const name of listed('container')) expect(body).toContain(name);
    for (const other of ['RefusedStreams', 'FailedStreams']) expect(body).not.toContain(other);
  });

  it('misses tasks of which nobody tells, as when none is registered', () => {
    expect(alarmsOf(template)['MissingTasks']).toMatchObject({ TreatMissingData: 'breaching' });
  });

  it('reads as many metrics with its alarms as the list says', () => {
    const read = Object.values(alarmsOf(template))
      .map(({ Metrics }) => Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1)
      .reduce((sum, count) => sum + count, 0);
    expect(read).toBe(alarmReads('every stage', 'container') + alarmReads('canary'));
  });

  it.each([
    ['MissingTasks', '3 - FILL(healthy, 0)', ['HealthyHostCount']],
    ['FullTasks', '100 * streams / 1024', ['StreamsOfProcess']],
    ['BusyTasks', 'IF(processor > memory, processor, memory)', ['CPUUtilization', 'MemoryUtilization']],
    ['FailedTasks', 'SUM(METRICS())', ['HTTPCode_Target_5XX_Count', 'HTTPCode_ELB_5XX_Count']],
  ])('%s is %s of %j', (name, expression, metrics) => {
    const { Metrics = [] } = alarmsOf(template)[name]!;
    expect(Metrics.flatMap(({ Expression }) => Expression ?? [])).toEqual([expression]);
    expect(Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.MetricName ?? [])).toEqual(metrics);
  });

  it('prices a day by how many containers there were', () => {
    const { Metrics = [] } = alarmsOf(template)['CostADay']!;
    const [price] = Metrics.flatMap(
      ({ Expression }) => /FILL\(tasks, 0\) \* ([\d.]+)/.exec(Expression ?? '') ?? [],
    ).slice(1);
    expect(Number(price)).toBeCloseTo(24 * (0.25 * 0.03238 + 0.5 * 0.00356 + 0.005), 6);
    expect(Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.MetricName ?? [])).not.toContain(
      'Duration',
    );
  });

  it('counts trouble in the log of the containers, and searches it', () => {
    const groups = Object.values(resources(template, 'AWS::Logs::MetricFilter')).map(({ Properties }) =>
      plain(Properties['LogGroupName']),
    );
    expect(groups.filter((group) => group === 'StreamTasksLogs')).toHaveLength(2);
    for (const { Properties } of Object.values(resources(template, 'AWS::Logs::QueryDefinition')))
      expect((Properties['LogGroupNames'] as unknown[]).map((group) => plain(group))).toContain(
        'StreamTasksLogs',
      );
  });
});

describe('concurrency', () => {
  it('of streams, and what is kept for functions that must not wait behind them, is that of the stage', async () => {
    const template = await devTemplate({ streamConcurrency: 40, reservedConcurrency: 7 });
    expect(resource(template, 'StreamUrlStreamFunction').Properties).toMatchObject({
      ReservedConcurrentExecutions: 40,
    });
    const kept = [
      'ApiTasksFunction',
      'ApiConnectionsFunction',
      'SocketsWebsocketFunction',
      'FanOutFanoutFunction',
    ];
    for (const name of kept) {
      expect(resource(template, name).Properties).toMatchObject({ ReservedConcurrentExecutions: 7 });
    }
    const nothing = await devTemplate();
    for (const name of kept) {
      expect(resource(nothing, name).Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });
});
