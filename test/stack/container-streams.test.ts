import type { Template } from 'aws-cdk-lib/assertions';
import { devTemplate, grants, plain, resource, resources, stageTemplate } from './synthesized.ts';

interface Container {
  readonly Environment: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Image: unknown;
  readonly LogConfiguration: { readonly Options: Readonly<Record<string, unknown>> };
  readonly [property: string]: unknown;
}

function only(template: Template, type: string): Readonly<Record<string, unknown>> {
  const [found, another] = Object.values(resources(template, type));
  if (found === undefined || another !== undefined) throw new Error(`not one ${type}`);
  return found.Properties;
}

function containerOf(template: Template): Container {
  const [container, another] = only(template, 'AWS::ECS::TaskDefinition')[
    'ContainerDefinitions'
  ] as Container[];
  if (container === undefined || another !== undefined) throw new Error('not one container');
  return container;
}

function environmentOf(template: Template): Readonly<Record<string, unknown>> {
  return Object.fromEntries(containerOf(template).Environment.map(({ Name, Value }) => [Name, Value]));
}

/** The rules of the way in or out of a group of the host of the streams, by the group's name. */
function rules(
  template: Template,
  direction: 'Ingress' | 'Egress',
  group: string,
): Record<string, unknown>[] {
  const apart = Object.values(resources(template, `AWS::EC2::SecurityGroup${direction}`))
    .map(({ Properties }) => Properties)
    .filter(({ GroupId }) => plain(GroupId) === `${group}.GroupId`);
  const own = resource(template, group).Properties[`SecurityGroup${direction}`] as
    Record<string, unknown>[] | undefined;
  return [...apart, ...(own ?? [])];
}

const attributes = (list: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries((list as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]));

let template: Template;
let asWebFunction: Template;
let large: Template;
let production: Template;
beforeAll(async () => {
  const settings = { streamHost: 'container', edge: 'on' };
  [template, asWebFunction, large, production] = await Promise.all([
    devTemplate({ ...settings, sessionSeconds: 840 }),
    devTemplate({ streamHost: 'web-function', edge: 'on' }),
    devTemplate({
      ...settings,
      taskMegabytes: 2048,
      leastTasks: 3,
      mostTasks: 40,
      streamsPerProcess: 6000,
    }),
    stageTemplate('production', {
      streamHost: 'container',
      account: '111122223333',
      region: 'eu-west-1',
      accessLogs: false,
    }),
  ]);
});

describe('a stage whose streams are in containers', () => {
  it('has no function for them, and no URL that is theirs', () => {
    expect(resources(template, 'AWS::Lambda::Url')).toEqual({});
    expect(Object.keys(resources(template)).filter((id) => id.startsWith('StreamUrl'))).toEqual([]);
    expect(Object.keys(template.toJSON().Outputs as object)).not.toContain('StreamUrl');
  });

  it('has all that is its own beside that of a Web Function, which goes on until the stage has gone over', () => {
    const ids = Object.keys(resources(template)).filter((id) => id.startsWith('Stream'));
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.filter((id) => id in resources(asWebFunction))).toEqual([]);
  });

  it('runs a program of many streams, on arm64, in a quarter of a processor and 512 MB', () => {
    expect(only(template, 'AWS::ECS::TaskDefinition')).toMatchObject({
      Cpu: '256',
      Memory: '512',
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
    expect(environmentOf(template)).toMatchObject({
      HTTP_ENDPOINT: '0.0.0.0:8080',
      MEMORY_MEGABYTES: '512',
      NODE_OPTIONS: '--enable-source-maps --max-old-space-size=332',
      POWERTOOLS_SERVICE_NAME: 'stream',
      REQUEST_SECONDS: '870',
      SESSION_SECONDS: '840',
      STOP_SECONDS: '30',
      STREAMS_PER_PROCESS: '1024',
      TOKEN_HEADER: 'x-taskwire-authorization',
    });
    expect(only(large, 'AWS::ECS::TaskDefinition')).toMatchObject({ Cpu: '1024', Memory: '2048' });
    expect(environmentOf(large)).toMatchObject({ MEMORY_MEGABYTES: '2048', STREAMS_PER_PROCESS: '6000' });
  });

  it('gives it a file system that it cannot write, its time to end, and a log that it need not wait for', () => {
    const { LogConfiguration, ...container } = containerOf(template);

    expect(container).toMatchObject({
      Essential: true,
      PortMappings: [{ ContainerPort: 8080, Protocol: 'tcp' }],
      ReadonlyRootFilesystem: true,
      StopTimeout: 30,
      Ulimits: [{ Name: 'nofile', SoftLimit: 65_535, HardLimit: 65_535 }],
    });
    expect(plain(LogConfiguration.Options['awslogs-group'])).toBe('StreamTasksLogs');
    expect(LogConfiguration).toMatchObject({
      LogDriver: 'awslogs',
      Options: { mode: 'non-blocking', 'awslogs-stream-prefix': 'stream' },
    });
    expect(resource(template, 'StreamTasksLogs').Properties).toEqual({ RetentionInDays: 14 });
    expect(resource(production, 'StreamTasksLogs')).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { RetentionInDays: 90 },
    });
  });

  it('runs it as a role that may do what streams need, and has ECS fetch it and write its log, and no more', async () => {
    const asFunction = await devTemplate();
    const ofFunction = grants(resource(asFunction, 'StreamUrlStreamRoleDefaultPolicy'));
    const { TaskRoleArn, ExecutionRoleArn } = only(template, 'AWS::ECS::TaskDefinition');

    expect(plain(TaskRoleArn)).toBe('StreamTasksRole.Arn');
    expect(grants(resource(template, 'StreamTasksRoleDefaultPolicy')).toSorted()).toEqual(
      ofFunction.filter((grant) => !grant.startsWith('logs:')).toSorted(),
    );
    expect(plain(ExecutionRoleArn)).toBe('StreamTasksTaskExecutionRole.Arn');
    const repository =
      'arn:aws:ecr:us-east-1:AWS::AccountId:repository/cdk-hnb659fds-container-assets-AWS::AccountId-us-east-1';
    expect(grants(resource(template, 'StreamTasksTaskExecutionRoleDefaultPolicy'))).toEqual([
      `ecr:BatchCheckLayerAvailability on ${repository}`,
      `ecr:BatchGetImage on ${repository}`,
      `ecr:GetDownloadUrlForLayer on ${repository}`,
      'ecr:GetAuthorizationToken on *',
      'logs:CreateLogStream on StreamTasksLogs.Arn',
      'logs:PutLogEvents on StreamTasksLogs.Arn',
    ]);
  });

  it('has tasks in two zones with a way out, without a NAT gateway, and tables that are reached within AWS', () => {
    const subnets = Object.values(resources(template, 'AWS::EC2::Subnet')).map(
      ({ Properties }) => Properties['AvailabilityZoneId'],
    );

    // CloudFront does not reach use1-az3.
    expect(subnets).toEqual(['use1-az1', 'use1-az2', 'use1-az1', 'use1-az2']);
    expect(resources(template, 'AWS::EC2::NatGateway')).toEqual({});
    const { ServiceName, VpcEndpointType } = only(template, 'AWS::EC2::VPCEndpoint');
    expect([plain(ServiceName), VpcEndpointType]).toEqual(['com.amazonaws.AWS::Region.dynamodb', 'Gateway']);
    const { Subnets, AssignPublicIp } = (
      only(template, 'AWS::ECS::Service')['NetworkConfiguration'] as {
        AwsvpcConfiguration: { Subnets: unknown[]; AssignPublicIp: string };
      }
    ).AwsvpcConfiguration;
    expect(AssignPublicIp).toBe('ENABLED');
    expect(Subnets.map((subnet) => plain(subnet))).toEqual([
      'StreamTasksNetworkVpcTasksSubnet1Subnet',
      'StreamTasksNetworkVpcTasksSubnet2Subnet',
    ]);
  });

  it('lets the load balancer alone call the tasks, and CloudFront alone the load balancer', () => {
    expect(rules(template, 'Ingress', 'StreamTasksAccess')).toMatchObject([
      {
        FromPort: 8080,
        ToPort: 8080,
        SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching(/^StreamTasksEdgeAccess/), 'GroupId'] },
      },
    ]);
    const [fromEdge, more] = rules(template, 'Ingress', 'StreamTasksEdgeAccess');
    expect(more).toBeUndefined();
    expect(fromEdge).toMatchObject({ FromPort: 80, ToPort: 80 });
    expect(rules(template, 'Egress', 'StreamTasksEdgeAccess')).toMatchObject([
      { FromPort: 8080, ToPort: 8080 },
    ]);
    expect(plain(fromEdge!['SourcePrefixListId'])).toBe(
      'StreamTasksNetworkEdgeAddressesLookup.PrefixLists.0.PrefixListId',
    );
    expect(only(template, 'Custom::EdgeAddresses')['Create']).toContain(
      'com.amazonaws.global.cloudfront.origin-facing',
    );
  });

  it('has a load balancer without an address on the internet, as an origin of the edge in the VPC', () => {
    const { Scheme, Subnets, LoadBalancerAttributes } = only(
      template,
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
    );

    expect(Scheme).toBe('internal');
    expect((Subnets as unknown[]).map((subnet) => plain(subnet))).toEqual([
      'StreamTasksNetworkVpcBalancerSubnet1Subnet',
      'StreamTasksNetworkVpcBalancerSubnet2Subnet',
    ]);
    // Longer than the edge keeps a connection, 60 s, and shorter than the program does, 75 s.
    expect(attributes(LoadBalancerAttributes)).toMatchObject({ 'idle_timeout.timeout_seconds': '70' });
    const { Arn, OriginProtocolPolicy } = only(template, 'AWS::CloudFront::VpcOrigin')[
      'VpcOriginEndpointConfig'
    ] as Record<string, unknown>;
    expect([plain(Arn), OriginProtocolPolicy]).toEqual(['StreamTasksEdgeBalancer', 'http-only']);
    const { Origins } = resource(template, 'EdgeDistribution').Properties['DistributionConfig'] as {
      Origins: {
        DomainName: unknown;
        ConnectionAttempts?: number;
        VpcOriginConfig?: Record<string, unknown>;
      }[];
    };
    const origin = Origins.find(({ VpcOriginConfig }) => VpcOriginConfig !== undefined);
    expect(origin).toMatchObject({
      ConnectionAttempts: 1,
      VpcOriginConfig: { OriginReadTimeout: 30, OriginKeepaliveTimeout: 60 },
    });
    expect(plain(origin!.DomainName)).toBe('StreamTasksEdgeBalancer.DNSName');
  });

  it('sends a stream to the task with the fewest, and lets a task that is to go keep its streams until they end', () => {
    const { TargetGroupAttributes, ...group } = only(template, 'AWS::ElasticLoadBalancingV2::TargetGroup');

    expect(attributes(TargetGroupAttributes)).toMatchObject({
      'load_balancing.algorithm.type': 'least_outstanding_requests',
      'deregistration_delay.timeout_seconds': '870',
    });
    expect(group).toMatchObject({
      HealthCheckPath: '/health',
      Port: 8080,
      Protocol: 'HTTP',
      TargetType: 'ip',
    });
  });

  it('deploys other tasks beside those that there are, and goes back where they do not come up', () => {
    const service = only(template, 'AWS::ECS::Service');

    expect(service).toMatchObject({
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MaximumPercent: 200,
        MinimumHealthyPercent: 100,
      },
      LaunchType: 'FARGATE',
    });
    // Else each deploy would take away what the scaling has added.
    expect(service).not.toHaveProperty('DesiredCount');
  });

  it('has as many tasks as it takes for each to have half of the streams that it may have', () => {
    const tracked = (of: Template): unknown =>
      only(of, 'AWS::ApplicationAutoScaling::ScalingPolicy')['TargetTrackingScalingPolicyConfiguration'];

    expect(only(template, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
      MinCapacity: 2,
      MaxCapacity: 10,
    });
    expect(tracked(template)).toMatchObject({
      CustomizedMetricSpecification: {
        Dimensions: [{ Name: 'service', Value: 'stream' }],
        MetricName: 'StreamsOfProcess',
        Namespace: 'Taskwire/dev',
        Statistic: 'Average',
      },
      TargetValue: 512,
    });
    expect(only(large, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
      MinCapacity: 3,
      MaxCapacity: 40,
    });
    expect(tracked(large)).toMatchObject({ TargetValue: 3000 });
  });

  it('takes the zones of another account and region as the deploy finds them, and asks for none at synth', () => {
    const zones = Object.values(resources(production, 'AWS::EC2::Subnet')).map(
      ({ Properties }) => Properties['AvailabilityZone'],
    );
    const nth = (index: number): unknown => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });
    expect(zones).toEqual([nth(0), nth(1), nth(0), nth(1)]);
  });
});
