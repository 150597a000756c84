import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError } from '../../commands/command-error.ts';
import type { FunctionOptions } from '../functions/functions.ts';
import { awsVariables, variablesOf } from '../functions/functions.ts';
import { createAccessKey } from '../iam/access-key.ts';
import type { StreamServers } from '../servers/stream-servers.ts';
import type { ServiceNames } from '../metrics/platform-metrics.ts';
import { balancerDomain, balancerFullName, targetGroupFullName } from '../template/stack-template.ts';
import type { ResolvedResource, StackTemplate } from '../template/stack-template.ts';
import { ContainerService } from './container-service.ts';
import type { ContainerSettings } from './container-service.ts';

interface ContainerDefinition {
  readonly Environment?: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Image: string;
  readonly LogConfiguration: { readonly Options: { readonly 'awslogs-group': string } };
  readonly Name: string;
  readonly PortMappings: readonly { readonly ContainerPort: number }[];
  readonly StopTimeout: number;
}

interface TaskProperties {
  readonly ContainerDefinitions: readonly [ContainerDefinition];
  readonly Cpu: string;
  readonly Memory: string;
  readonly ExecutionRoleArn: string;
  readonly TaskRoleArn: string;
}

interface ServiceProperties {
  readonly Cluster: string;
  readonly LoadBalancers: readonly [
    { readonly ContainerName: string; readonly ContainerPort: number; readonly TargetGroupArn: string },
  ];
}

interface TargetGroupProperties {
  readonly HealthCheckIntervalSeconds: number;
  readonly HealthCheckPath: string;
  readonly HealthCheckTimeoutSeconds: number;
  readonly TargetGroupAttributes: readonly { readonly Key: string; readonly Value: string }[];
  readonly UnhealthyThresholdCount: number;
}

interface ListenerProperties {
  readonly DefaultActions: readonly [{ readonly TargetGroupArn: string }];
  readonly LoadBalancerArn: string;
  readonly Port: number;
}

interface VpcOriginProperties {
  readonly VpcOriginEndpointConfig: {
    readonly Arn: string;
    readonly HTTPPort?: number;
    readonly OriginProtocolPolicy: string;
  };
}

/** Short name of the service that a template has, and that of ECS as what runs it. */
export const serviceName = 'stream';
export const ecsName = 'stream (ECS)';

/** The variable by which the program is told where to take requests, which in a container is any address of it. */
const endpointVariable = 'HTTP_ENDPOINT';

/** What CloudFront calls unless it is told. Source: `VpcOriginEndpointConfig`, Amazon CloudFront API reference. */
const usualPort = 80;

/**
 * Reads the template's service, and how the edge comes to it.
 * @returns undefined where the template has none.
 * @throws {CommandError} for a form that the local stack does not serve, and for a way from the edge to a task that does not
 *   lead there.
 */
export function readContainers(options: FunctionOptions): StreamServers<ContainerService> | undefined {
  const { template, awsEndpoint, onLog } = options;
  const service = template.onlyOne('AWS::ECS::Service');
  if (service === undefined) return undefined;
  const definition = template.onlyOne('AWS::ECS::TaskDefinition')!;
  const task = definition.properties as unknown as TaskProperties;
  const [container] = task.ContainerDefinitions;
  const balanced = readBalancing(template, service, container);
  const name = serviceName;
  const logGroup = container.LogConfiguration.Options['awslogs-group'];
  const [roleName, executionRoleName] = taskRoleNames(definition);
  // ECS writes the log, with the other role.
  createAccessKey({ name: ecsName, roleName: executionRoleName, logGroup }, options);
  const accessKeyId = createAccessKey({ name, roleName }, options);
  const declared = Object.fromEntries((container.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
  const environment = variablesOf(declared, options.environment);
  const host = new ContainerService(
    {
      name,
      entry: programOf(template.assetDirectory(container.Image.split(':').at(-1) ?? '')),
      variables: awsVariables(environment, accessKeyId, awsEndpoint),
      endpointVariable,
      clockSkewMs: () => options.clockSkewMs?.(name) ?? 0,
      tasks: leastTasks(template),
      memoryMegabytes: Number(task.Memory),
      processors: Number(task.Cpu) / 1024,
      stopSeconds: container.StopTimeout,
      drainSeconds: balanced.drainSeconds,
      health: balanced.health,
    },
    onLog,
  );
  host.onAnswered = options.platform.service(balanced.names, () => host.sample());
  return {
    name,
    host,
    environment,
    logGroup,
    domain: balanced.domain,
    serving: (traffic) => (request, response) =>
      host.serve(request, response, traffic?.stream(request, response)),
  };
}

/** The names of the role of a task's program, and of the one with which ECS runs it. */
export function taskRoleNames({
  properties,
}: Pick<ResolvedResource, 'properties'>): readonly [program: string, ecs: string] {
  const { TaskRoleArn, ExecutionRoleArn } = properties as unknown as TaskProperties;
  const [program = '', ecs = ''] = [TaskRoleArn, ExecutionRoleArn].map((arn) => arn.split('/').at(-1));
  return [program, ecs];
}

/** How many tasks there are while nothing is to do: what the scaling goes back to. */
function leastTasks(template: StackTemplate): number {
  const { properties } = template.onlyOne('AWS::ApplicationAutoScaling::ScalableTarget') ?? {};
  const least = properties?.['MinCapacity'];
  if (typeof least !== 'number') throw new CommandError('nothing in the template scales the tasks');
  return least;
}

/** The way of a request: the edge's origin in the VPC, the load balancer, its listener, the targets, the container. */
function readBalancing(
  template: StackTemplate,
  service: ResolvedResource,
  container: ContainerDefinition,
): Pick<ContainerSettings, 'drainSeconds' | 'health'> & {
  readonly domain: string;
  readonly names: ServiceNames;
} {
  const { Cluster, LoadBalancers } = service.properties as unknown as ServiceProperties;
  const [{ ContainerName, ContainerPort, TargetGroupArn }] = LoadBalancers;
  const balancer = template.onlyOne('AWS::ElasticLoadBalancingV2::LoadBalancer')!;
  const balancerArn = template.physicalName(balancer.logicalId);
  const group = template.onlyOne('AWS::ElasticLoadBalancingV2::TargetGroup')!;
  const listener = template.onlyOne('AWS::ElasticLoadBalancingV2::Listener')!
    .properties as unknown as ListenerProperties;
  const origin = template.onlyOne('AWS::CloudFront::VpcOrigin')?.properties as unknown as
    VpcOriginProperties | undefined;
  const { Arn, HTTPPort = usualPort, OriginProtocolPolicy } = origin?.VpcOriginEndpointConfig ?? {};
  const leads =
    Arn === balancerArn &&
    OriginProtocolPolicy === 'http-only' &&
    listener.LoadBalancerArn === balancerArn &&
    listener.Port === HTTPPort &&
    listener.DefaultActions[0].TargetGroupArn === template.physicalName(group.logicalId) &&
    TargetGroupArn === template.physicalName(group.logicalId) &&
    ContainerName === container.Name &&
    container.PortMappings.some((mapping) => mapping.ContainerPort === ContainerPort);
  if (!leads) throw new CommandError('no way leads from the edge of the template to the container');
  const properties = group.properties as unknown as TargetGroupProperties;
  const attribute = (key: string): string | undefined =>
    properties.TargetGroupAttributes.find(({ Key }) => Key === key)?.Value;
  if (attribute('load_balancing.algorithm.type') !== 'least_outstanding_requests')
    throw new CommandError('the local load balancer sends a request to the target with the fewest only');
  return {
    domain: balancerDomain(balancerArn),
    names: {
      cluster: Cluster,
      service: template.physicalName(service.logicalId),
      balancer: balancerFullName(balancerArn),
      targetGroup: targetGroupFullName(template.physicalName(group.logicalId)),
    },
    drainSeconds: Number(attribute('deregistration_delay.timeout_seconds')),
    health: {
      path: properties.HealthCheckPath,
      intervalSeconds: properties.HealthCheckIntervalSeconds,
      timeoutSeconds: properties.HealthCheckTimeoutSeconds,
      failures: properties.UnhealthyThresholdCount,
    },
  };
}

/** The file that an image runs, by the last instruction of its Dockerfile: `CMD ["node", "index.mjs"]`. */
function programOf(directory: string): string {
  const text = readFileSync(path.join(directory, 'Dockerfile'), 'utf8');
  const [, command] = /^CMD (\[.*\])$/m.exec(text) ?? [];
  const [program, file, ...more] = JSON.parse(command ?? '[]') as string[];
  if (program !== 'node' || file === undefined || more.length > 0)
    throw new CommandError('the local stack runs an image whose command is node and a file');
  return path.join(directory, file);
}
