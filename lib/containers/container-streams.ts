import { Duration, Size } from 'aws-cdk-lib';
import type { IOrigin } from 'aws-cdk-lib/aws-cloudfront';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  AvailabilityZoneRebalancing,
  AwsLogDriverMode,
  Cluster,
  ContainerImage,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
  UlimitName,
} from 'aws-cdk-lib/aws-ecs';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { FunctionUrlCorsOptions } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { taskProcessors, usualStreams } from '../config/host-combinations.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import { hostEnvironment } from '../functions/host-environment.ts';
import { ServiceRole } from '../functions/service-role.ts';
import type { StreamEndpoint, StreamEndpointProps, StreamOriginProps } from '../functions/stream-endpoint.ts';
import { corsFor, requestSeconds } from '../functions/stream-endpoint.ts';
import { allowStreams } from '../functions/stream-rights.ts';
import { acknowledge } from '../operations/acknowledge.ts';
import { ownMetric } from '../operations/stage-metrics.ts';
import type { WatchedTasks } from '../operations/stage-metrics.ts';
import { StreamBalancer } from './stream-balancer.ts';
import { containerPort, streamImage } from './stream-image.ts';
import { StreamNetwork } from './stream-network.ts';

/**
 * How long a task has after SIGTERM: some 20 s over which the ends of its streams are spread, and the rest for the last.
 * Fargate gives 120 s at the most. Source: `stopTimeout`, Amazon ECS API reference.
 */
const stopSeconds = 30;

/**
 * The streams in containers: tasks of ECS on Fargate in two zones behind a load balancer that only the edge reaches, as many
 * as it takes for the streams that are open.
 *
 * A task that is to go, in a deploy say, gets no new streams, and keeps those that it has until they end by themselves: ECS
 * waits as long as a stream lasts before it ends the task, since a load balancer is said to break off what is open then.
 * Sources: "Updating a service" and "Optimize load balancer connection draining parameters", Amazon ECS developer guide.
 */
export class ContainerStreams extends Construct implements StreamEndpoint, WatchedTasks {
  readonly cors: FunctionUrlCorsOptions | undefined;
  readonly logGroup: ILogGroup;
  readonly service: FargateService;
  readonly targets: ApplicationTargetGroup;
  readonly balancer: ApplicationLoadBalancer;
  readonly #balancer: StreamBalancer;

  constructor(scope: Construct, id: string, props: StreamEndpointProps) {
    super(scope, id);
    const { config, allowedOrigins } = props;
    this.cors = corsFor(allowedOrigins);
    const network = new StreamNetwork(this, 'Network', config);
    const code = new ServiceRole(this, config, 'ecs-tasks.amazonaws.com');
    this.logGroup = code.logGroup;
    allowStreams(code, props, props.sockets);
    this.#balancer = new StreamBalancer(this, 'Edge', network);
    this.balancer = this.#balancer.balancer;
    this.service = this.#service(network, this.#task(props, code));
    this.targets = this.#balancer.addTasks(this.service, requestSeconds(config));
    this.#scale(config);
  }

  get address(): string {
    return this.#balancer.address;
  }

  origin(props: StreamOriginProps): IOrigin {
    return this.#balancer.origin(props);
  }

  #task(props: StreamEndpointProps, { role, logGroup }: ServiceRole): FargateTaskDefinition {
    const { taskMegabytes } = props.config;
    const task = new FargateTaskDefinition(this, 'Task', {
      cpu: 1024 * taskProcessors(props.config),
      memoryLimitMiB: taskMegabytes,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      taskRole: role,
    });
    const container = task.addContainer('Stream', {
      image: ContainerImage.fromDockerImageAsset(streamImage(this, 'Image')),
      environment: hostEnvironment(props, {
        megabytes: taskMegabytes,
        stopSeconds,
        endpoint: `0.0.0.0:${containerPort}`,
      }),
      portMappings: [{ containerPort }],
      readonlyRootFilesystem: true,
      stopTimeout: Duration.seconds(stopSeconds),
      // The program must not wait for its log.
      logging: LogDrivers.awsLogs({
        logGroup,
        streamPrefix: 'stream',
        mode: AwsLogDriverMode.NON_BLOCKING,
        maxBufferSize: Size.mebibytes(4),
      }),
    });
    // A stream is a connection.
    container.addUlimits({ name: UlimitName.NOFILE, softLimit: 65_535, hardLimit: 65_535 });
    acknowledge(
      task.obtainExecutionRole(),
      'AwsSolutions-IAM5[Resource::*]',
      'ecr:GetAuthorizationToken knows no resources; what may be read is granted for the one repository.',
    );
    acknowledge(
      task,
      'AwsSolutions-ECS2',
      'The environment holds names of tables and settings, as that of each function; there are no secrets.',
    );
    return task;
  }

  #service({ vpc, tasks, gateway }: StreamNetwork, taskDefinition: FargateTaskDefinition): FargateService {
    // @ts-expect-error The class gives its optional members as possibly undefined, not as possibly absent.
    const cluster: ICluster = new Cluster(this, 'Cluster', { vpc });
    acknowledge(
      cluster,
      'AwsSolutions-ECS4',
      'Container Insights are billed for each task; ECS tells processor and memory of a service without them.',
    );
    const securityGroup = new SecurityGroup(this, 'Access', {
      vpc,
      description: 'The load balancer alone may call the tasks of the streams.',
    });
    const service = new FargateService(this, 'Service', {
      cluster,
      taskDefinition,
      vpcSubnets: tasks,
      // The way out, to the keys of the issuer and the WebSocket API; the group lets nobody in by it.
      assignPublicIp: true,
      securityGroups: [securityGroup],
      // How many there are is the scaling's affair: a number here would be that of each deploy.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      healthCheckGracePeriod: Duration.seconds(30),
      availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
    });
    // Else the first tasks would look for their image before there is a way to it.
    service.node.addDependency(gateway);
    return service;
  }

  /** As many tasks as it takes for each to have its usual share of streams, by what each says once a minute. */
  #scale(config: StageConfig): void {
    const { leastTasks, mostTasks } = config;
    const scaling = this.service.autoScaleTaskCount({ minCapacity: leastTasks, maxCapacity: mostTasks });
    scaling.scaleToTrackCustomMetric('OpenStreams', {
      metric: ownMetric(config, 'StreamsOfProcess', 'stream', {
        statistic: Stats.AVERAGE,
        period: Duration.minutes(1),
      }),
      targetValue: usualStreams(config),
      scaleOutCooldown: Duration.minutes(1),
      // A task that goes takes as long as its streams.
      scaleInCooldown: Duration.minutes(15),
    });
  }
}
