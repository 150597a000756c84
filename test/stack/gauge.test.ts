import type { Template } from 'aws-cdk-lib/assertions';
import {
  devTemplate,
  grants,
  localTemplate,
  plain,
  resource,
  resources,
  stageTemplate,
} from './synthesized.ts';

const ofGauge = (template: Template): string[] =>
  Object.keys(resources(template)).filter((id) => id.startsWith('Gauge'));

/** Everything that the dashboard shows, as text. */
const dashboardOf = (template: Template): string =>
  JSON.stringify(resources(template, 'AWS::CloudWatch::Dashboard'));

describe('the gauge', () => {
  let dev: Template;
  let production: Template;
  beforeAll(async () => {
    [dev, production] = await Promise.all([
      devTemplate({ reservedConcurrency: 7 }),
      stageTemplate('production'),
    ]);
  });

  it('runs in each stage that is deployed, every five minutes, each time once', () => {
    for (const template of [dev, production]) {
      const { Properties } = resource(template, 'GaugeSchedule');
      const { Arn, RetryPolicy, RoleArn } = Properties['Target'] as Record<string, unknown>;
      expect(Properties).toMatchObject({
        ScheduleExpression: 'rate(5 minutes)',
        FlexibleTimeWindow: { Mode: 'OFF' },
      });
      expect([plain(Arn), plain(RoleArn)]).toEqual(['GaugeFunction.Arn', 'GaugeSchedulerRole.Arn']);
      expect(RetryPolicy).toEqual({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
      expect(resource(template, 'GaugeFunctionEventInvokeConfig').Properties).toMatchObject({
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 60,
      });
    }
  });

  it('runs as often as the stage says', async () => {
    const seldom = await devTemplate({ gaugeMinutes: 60 });
    expect(resource(seldom, 'GaugeSchedule').Properties['ScheduleExpression']).toBe('rate(1 hour)');
  });

  it('is not there where metrics are off, where the stage wants none, and on a laptop', async () => {
    const without = await Promise.all([
      devTemplate({ metrics: 'off' }),
      devTemplate({ metrics: 'off', gaugeMinutes: 1 }),
      devTemplate({ gaugeMinutes: 0 }),
      Promise.resolve(localTemplate()),
    ]);
    for (const template of without) {
      expect(ofGauge(template)).toEqual([]);
      expect(resources(template, 'AWS::Scheduler::Schedule')).toEqual({});
      expect(dashboardOf(template)).not.toContain('OpenSockets');
    }
  });

  it('may scan the connections table, and nothing else of what the stage holds', () => {
    expect(grants(resource(dev, 'GaugeRoleDefaultPolicy')).toSorted()).toEqual([
      'dynamodb:Scan on ConnectionsTable.Arn',
      'logs:CreateLogStream on GaugeLogs.Arn',
      'logs:PutLogEvents on GaugeLogs.Arn',
    ]);
    const { Properties } = resource(dev, 'GaugeSchedulerRole');
    const [{ PolicyDocument: policy } = { PolicyDocument: {} }] = Properties['Policies'] as {
      PolicyDocument: object;
    }[];
    const invoke = { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: policy } };
    expect(grants(invoke)).toEqual(['lambda:InvokeFunction on GaugeFunction.Arn']);
    expect(JSON.stringify(Properties['AssumeRolePolicyDocument'])).toContain('"aws:SourceAccount"');
  });

  it('takes no concurrency from what is kept for users, and has time to give up before Lambda ends it', () => {
    const { Properties } = resource(dev, 'GaugeFunction');
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    expect(Number(Properties['Timeout'])).toBeGreaterThan(Number(Variables['SCAN_SECONDS']));
    expect(plain(Variables['CONNECTIONS_TABLE'])).toBe('ConnectionsTable');
  });

  it('has a graph of both numbers beside the other ones of streams', () => {
    const shown = dashboardOf(dev);
    expect(shown).toContain('Open streams and WebSockets');
    for (const name of ['OpenStreams', 'OpenSockets'])
      expect(shown).toContain(JSON.stringify(JSON.stringify(name)).slice(1, -1));
  });

  it('has its log among those that the saved queries read', () => {
    for (const { Properties } of Object.values(resources(dev, 'AWS::Logs::QueryDefinition'))) {
      expect((Properties['LogGroupNames'] as unknown[]).map((group) => plain(group))).toContain('GaugeLogs');
    }
  });
});
