import type { Template } from 'aws-cdk-lib/assertions';
import { devTemplate, plain, resource, resources } from './synthesized.ts';

describe('alarms', () => {
  let template: Template;
  beforeAll(async () => {
    template = await devTemplate({
      alarmEmails: ['a@example.com', 'b@example.com'],
      streamConcurrency: 40,
      reservedConcurrency: 7,
    });
  });

  it.each([
    ['LateEvents', 'AWS/Lambda IteratorAge', 'FanOutFanoutFunction', 60_000],
    ['FailedBatches', 'AWS/Lambda OnFailureDestinationDeliveredEventCount', 'FanOutMapping', 0],
    ['RefusedStreams', 'AWS/Lambda Throttles', 'StreamUrlStreamFunction', 0],
    ['FailedStreams', 'AWS/Lambda Errors', 'StreamUrlStreamFunction', 5],
    ['RefusedSockets', 'AWS/Lambda Throttles', 'SocketsWebsocketFunction', 0],
    ['FailedSockets', 'AWS/Lambda Errors', 'SocketsWebsocketFunction', 5],
    ['LostPushes', 'AWS/Lambda AsyncEventsDropped', 'PushFunction', 5],
    ['FailedRequests', 'AWS/ApiGateway 5xx', 'ApiHttpApi', 5],
  ])('%s watch %s and tell the topic', (name, metric, watched, threshold) => {
    const { Namespace, MetricName, Dimensions, Threshold, AlarmActions } = resource(template, `Alarms${name}`)
      .Properties as {
      Namespace: string;
      MetricName: string;
      Dimensions: { Value: unknown }[];
      Threshold: number;
      AlarmActions: unknown[];
    };

    expect(`${Namespace} ${MetricName}`).toBe(metric);
    expect(Dimensions.map(({ Value }) => plain(Value))).toEqual([watched]);
    expect(Threshold).toBe(threshold);
    expect(AlarmActions.map((action) => plain(action))).toEqual(['AlarmsTopic']);
  });

  it.each([
    ['PassingTrouble', 'passing', 5, 3],
    ['LastingTrouble', 'lasting', 0, 1],
  ])('%s count what the functions soften for clients', (name, kind, threshold, periods) => {
    const filters = Object.values(resources(template, 'AWS::Logs::MetricFilter'))
      .map(({ Properties }) => Properties)
      .filter(({ FilterPattern }) => FilterPattern === `{ $.trouble = "${kind}" }`);
    const counted = { MetricNamespace: 'Taskwire/dev', MetricName: name, MetricValue: '1' };

    expect(filters.map(({ LogGroupName }) => plain(LogGroupName)).toSorted()).toEqual([
      'ApiConnectionsLogs',
      'ApiTasksLogs',
      'FanOutFanoutLogs',
      'PushLogs',
      'SocketsWebsocketLogs',
      'StreamUrlStreamLogs',
    ]);
    for (const filter of filters) expect(filter['MetricTransformations']).toEqual([counted]);
    expect(resource(template, `Alarms${name}`).Properties).toMatchObject({
      Namespace: counted.MetricNamespace,
      MetricName: name,
      Statistic: 'Sum',
      Threshold: threshold,
      EvaluationPeriods: periods,
    });
  });

  it('name the command that makes up for failed batches', () => {
    expect(resource(template, 'AlarmsFailedBatches').Properties['AlarmDescription']).toContain(
      'npm run redrive',
    );
  });

  it('mail to every recipient', () => {
    const subscriptions = Object.values(resources(template, 'AWS::SNS::Subscription'));

    expect(subscriptions.map(({ Properties }) => [Properties['Protocol'], Properties['Endpoint']])).toEqual([
      ['email', 'a@example.com'],
      ['email', 'b@example.com'],
    ]);
  });

  it('may publish, and only those of this account', () => {
    expect(resource(template, 'AlarmsTopicPolicy').Properties['PolicyDocument']).toMatchObject({
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

  it('have the counts of the mapping that they need', () => {
    expect(resource(template, 'FanOutMapping').Properties).toMatchObject({
      MetricsConfig: { Metrics: ['EventCount'] },
    });
  });

  it('are not there without recipients', async () => {
    const quiet = await devTemplate();

    expect(resources(quiet, 'AWS::CloudWatch::Alarm')).toEqual({});
    expect(resource(quiet, 'FanOutMapping').Properties).not.toHaveProperty('MetricsConfig');
  });

  it('and the bound on open streams is that of the stage', () => {
    expect(resource(template, 'StreamUrlStreamFunction').Properties).toMatchObject({
      ReservedConcurrentExecutions: 40,
    });
  });

  it('and what is kept for the functions that must not wait behind streams', async () => {
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
