import type { Template } from 'aws-cdk-lib/assertions';
import { devTemplate, grants, plain, resource, resources } from './synthesized.ts';

interface ServiceConfig {
  readonly EnvironmentVariables: Readonly<Record<string, string>>;
  readonly ExecutionRoleArn: unknown;
  readonly MaxConcurrencyPerEnvironment: number;
  readonly TelemetryConfig: { readonly LoggingConfig: { readonly LogGroup: unknown } };
  readonly TimeoutSeconds: number;
}

function only(template: Template, type: string): Readonly<Record<string, unknown>> {
  const [found, another] = Object.values(resources(template, type));
  if (found === undefined || another !== undefined) throw new Error(`not one ${type}`);
  return found.Properties;
}

function serviceOf(template: Template): ServiceConfig {
  return only(template, 'AWS::Lambda::WebFunctionRevision')['ServiceConfig'] as ServiceConfig;
}

let template: Template;
let behindEdge: Template;
beforeAll(async () => {
  const settings = { streamHost: 'web-function' };
  [template, behindEdge] = await Promise.all([
    devTemplate({ ...settings, sessionSeconds: 840 }),
    devTemplate({ ...settings, edge: 'on', streamConcurrency: 300, streamsPerProcess: 64 }),
  ]);
});

describe('a stage whose streams are in a Web Function', () => {
  it('has no function for them, and no Function URL', () => {
    expect(resources(template, 'AWS::Lambda::Url')).toEqual({});
    expect(Object.keys(resources(template)).filter((id) => id.startsWith('StreamUrl'))).toEqual([]);
    expect(Object.keys(template.toJSON().Outputs as object)).toContain('StreamUrl');
  });

  it('runs a program of many streams, for as long as one may take, as many as an environment takes', () => {
    const service = serviceOf(template);

    expect(service).toMatchObject({ MaxConcurrencyPerEnvironment: 128, TimeoutSeconds: 870 });
    expect(service.EnvironmentVariables).toMatchObject({
      REQUEST_SECONDS: '870',
      STREAMS_PER_PROCESS: '128',
      MEMORY_MEGABYTES: '2048',
      SESSION_SECONDS: '840',
    });
    expect(serviceOf(behindEdge)).toMatchObject({
      MaxConcurrencyPerEnvironment: 64,
      EnvironmentVariables: { STREAMS_PER_PROCESS: '64' },
    });
  });

  it('names the function by its bare name, with which alone a deploy is reported to succeed', () => {
    const { FunctionName } = only(template, 'AWS::Lambda::WebFunction');

    expect(FunctionName).toMatch(/^Taskwiredev\w+$/);
    for (const type of ['AWS::Lambda::WebFunctionRevision', 'AWS::Lambda::WebFunctionEndpoint'])
      expect(only(template, type)['FunctionName']).toBe(FunctionName);
  });

  it('runs as a role of its own that may do what streams need and write its own log', async () => {
    const { ExecutionRoleArn, TelemetryConfig } = serviceOf(template);
    const asFunction = await devTemplate();
    const ofFunction = grants(resource(asFunction, 'StreamUrlStreamRoleDefaultPolicy'));
    const ofHost = grants(resource(template, 'StreamHostRoleDefaultPolicy'));
    const isLog = (grant: string): boolean => grant.startsWith('logs:');

    expect(plain(ExecutionRoleArn)).toBe('StreamHostRole.Arn');
    expect(plain(TelemetryConfig.LoggingConfig.LogGroup)).toBe('StreamHostLogs');
    expect(ofHost.filter((grant) => !isLog(grant)).toSorted()).toEqual(
      ofFunction.filter((grant) => !isLog(grant)).toSorted(),
    );
    expect(ofHost.filter(isLog)).toEqual([
      'logs:CreateLogStream on StreamHostLogs.Arn',
      'logs:PutLogEvents on StreamHostLogs.Arn',
    ]);
  });

  it('leaves authentication to the program where there is no edge, which answers pages of the allowed origins', () => {
    expect(only(template, 'AWS::Lambda::WebFunctionEndpoint')).toMatchObject({
      AuthType: 'ApplicationManaged',
      EndpointType: 'HomeRegion',
    });
    expect(resources(template, 'AWS::Lambda::ResourcePolicy')).toEqual({});
    expect(serviceOf(template).EnvironmentVariables['ALLOWED_ORIGINS']).toBe('http://localhost:5173');
  });

  it('takes behind the edge what this distribution has signed, and nothing else', () => {
    const { PolicyDocument } = only(behindEdge, 'AWS::Lambda::ResourcePolicy') as {
      PolicyDocument: { Statement: Record<string, unknown>[] };
    };
    const [{ Condition, Resource, ...statement } = {}, another] = PolicyDocument.Statement;

    expect(only(behindEdge, 'AWS::Lambda::WebFunctionEndpoint')).toMatchObject({ AuthType: 'IamAuth' });
    expect(another).toBeUndefined();
    expect(statement).toMatchObject({
      Effect: 'Allow',
      Action: 'lambda:InvokeWebFunctionEndpoint',
      Principal: { Service: 'cloudfront.amazonaws.com' },
    });
    expect(plain(Resource)).toBe('StreamHostStreamEndpoint.EndpointArn');
    expect(
      plain((Condition as { StringEquals: Record<string, unknown> }).StringEquals['aws:SourceArn']),
    ).toBe('arn:aws:cloudfront::AWS::AccountId:distribution/EdgeDistribution');
    expect(resource(behindEdge, 'StreamHostAccessControl').Properties).toMatchObject({
      OriginAccessControlConfig: { OriginAccessControlOriginType: 'lambda', SigningBehavior: 'always' },
    });
  });

  it('has as many environments as its streams take, and not fewer than Lambda allows', async () => {
    expect(only(behindEdge, 'AWS::Lambda::WebFunctionEndpoint')).toMatchObject({
      ScalingConfig: { MaxEnvironments: 5 },
    });
    const few = await devTemplate({ streamHost: 'web-function', streamConcurrency: 10 });
    expect(only(few, 'AWS::Lambda::WebFunctionEndpoint')).toMatchObject({
      ScalingConfig: { MaxEnvironments: 2 },
    });
  });
});
