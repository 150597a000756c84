import type { Template } from 'aws-cdk-lib/assertions';
import { devTemplate, grants, plain, resource, resources, stageTemplate } from './synthesized.ts';

function environmentOf(template: Template): Record<string, string> {
  const { Environment } = resource(template, 'CanaryFunction').Properties as {
    Environment: { Variables: Record<string, unknown> };
  };
  return Object.fromEntries(
    Object.entries(Environment.Variables).map(([name, value]) => [name, plain(value)]),
  );
}

describe('the canary', () => {
  let template: Template;
  beforeAll(async () => {
    template = await devTemplate({ canaryMinutes: 5, reservedConcurrency: 7 });
  });

  it('is in no stage unless the stage says so', async () => {
    const [dev, staging] = await Promise.all([devTemplate(), stageTemplate('staging')]);
    for (const usual of [dev, staging]) {
      expect(Object.keys(resources(usual)).filter((id) => id.startsWith('Canary'))).toEqual([]);
      expect(JSON.stringify(resources(usual, 'AWS::CloudWatch::Alarm'))).not.toContain('FailedCanary');
    }
  });

  it('runs as often as the stage says, each time once', () => {
    const { Properties } = resource(template, 'CanarySchedule');
    const { Arn, RetryPolicy, RoleArn } = Properties['Target'] as Record<string, unknown>;
    expect(Properties).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
    expect([plain(Arn), plain(RoleArn)]).toEqual(['CanaryFunction.Arn', 'CanarySchedulerRole.Arn']);
    expect(RetryPolicy).toEqual({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
    const config = Object.values(resources(template, 'AWS::Lambda::EventInvokeConfig')).find(
      ({ Properties: { FunctionName } }) => plain(FunctionName) === 'CanaryFunction',
    );
    expect(config?.Properties).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it('takes no concurrency from what is kept for users, and has time to clean up', () => {
    const { Properties } = resource(template, 'CanaryFunction');
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    expect(Number(Properties['Timeout'])).toBe(Number(environmentOf(template)['PROBE_SECONDS']) + 30);
  });

  it('may read its credential and sign in with it, and nothing of what the stage holds', () => {
    expect(grants(resource(template, 'CanaryRoleDefaultPolicy')).toSorted()).toEqual([
      'cognito-idp:AdminInitiateAuth on IdentityManagedUsers.Arn',
      'logs:CreateLogStream on CanaryLogs.Arn',
      'logs:PutLogEvents on CanaryLogs.Arn',
      'ssm:GetParameter on arn:aws:ssm:us-east-1:AWS::AccountId:parameter/taskwire/dev/canary',
    ]);
    const { Properties } = resource(template, 'CanarySchedulerRole');
    const [{ PolicyDocument: policy } = { PolicyDocument: {} }] = Properties['Policies'] as {
      PolicyDocument: object;
    }[];
    const invoke = { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: policy } };
    expect(grants(invoke)).toEqual(['lambda:InvokeFunction on CanaryFunction.Arn']);
    expect(JSON.stringify(Properties['AssumeRolePolicyDocument'])).toContain('"aws:SourceAccount"');
  });

  it('has no right to a user pool where another issuer is trusted', async () => {
    const oidc = {
      kind: 'oidc',
      issuer: 'https://login.example.com/',
      audience: 'board',
      jwksUri: 'https://login.example.com/keys',
    };
    const external = await devTemplate({
      canaryMinutes: 1,
      identity: oidc,
      workspaceClaim: 'org',
      adminClaim: 'roles',
    });
    expect(grants(resource(external, 'CanaryRoleDefaultPolicy')).join()).not.toContain('cognito');
    expect(resource(external, 'CanarySchedule').Properties['ScheduleExpression']).toBe('rate(1 minute)');
  });

  it('goes the way of all clients: without the edge to API and stream, with it to the one address', async () => {
    expect(environmentOf(template)).toMatchObject({
      API_URL: 'ApiHttpApi.ApiEndpoint',
      STREAM_URL: 'StreamUrlStreamFunctionFunctionUrl.FunctionUrl',
      CREDENTIAL_PARAMETER: '/taskwire/dev/canary',
    });
    const [behindEdge, withDomain] = await Promise.all([
      stageTemplate('staging', { canaryMinutes: 5 }),
      stageTemplate('staging', {
        canaryMinutes: 5,
        domain: 'tasks.example.com',
        certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/c',
      }),
    ]);
    const address = 'https://EdgeDistribution.DomainName';
    expect(environmentOf(behindEdge)).toMatchObject({ API_URL: address, STREAM_URL: address });
    expect(environmentOf(withDomain)).toMatchObject({ API_URL: 'https://tasks.example.com' });
  });

  it('has an alarm that goes off without a good run, be it that there was none at all', () => {
    const alarms = Object.values(resources(template, 'AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties,
    );
    const named = (name: string): boolean => name === 'Taskwire-dev-FailedCanary';
    const alarm = alarms.find(({ AlarmName }) => named(String(AlarmName)))!;
    expect(alarm).toMatchObject({
      TreatMissingData: 'breaching',
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      Metrics: expect.arrayContaining([
        expect.objectContaining({ Expression: 'IF(FILL(runs, 0) > FILL(failed, 0), 0, 1)' }),
      ]),
    });
    expect(JSON.stringify(alarm['Metrics'])).toContain('"Period":300');
    const others = alarms.filter(({ AlarmName }) => !named(String(AlarmName)));
    expect(new Set(others.map(({ TreatMissingData: missing }) => missing))).toEqual(
      new Set(['notBreaching']),
    );
  });

  it('has its log among those that the saved queries read', () => {
    for (const { Properties } of Object.values(resources(template, 'AWS::Logs::QueryDefinition'))) {
      expect((Properties['LogGroupNames'] as unknown[]).map((group) => plain(group))).toContain('CanaryLogs');
    }
  });
});
