import { Duration } from 'aws-cdk-lib';
import { OriginProtocolPolicy } from 'aws-cdk-lib/aws-cloudfront';
import type { IOrigin } from 'aws-cdk-lib/aws-cloudfront';
import { VpcOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  TargetGroupLoadBalancingAlgorithmType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { ApplicationListener, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { StreamOriginProps } from '../functions/stream-endpoint.ts';
import { acknowledge } from '../operations/acknowledge.ts';
import { healthPath } from '../../lambdas/stream/environment.ts';
import { containerPort } from './stream-image.ts';
import type { StreamNetwork } from './stream-network.ts';

/**
 * How long a connection is kept on which nothing goes, seconds: longer than the edge keeps one (`lib/edge/edge.ts`), shorter
 * than a task does (`lambdas/stream/http-host.ts`), so that nobody sends a request on a connection that closes; and longer than
 * the time between two pings of a stream.
 */
const idleSeconds = 70;

/**
 * An Application Load Balancer without an address on the internet: the edge alone reaches it, as an origin in the VPC, and
 * it alone reaches the tasks. Within AWS's network it speaks HTTP.
 */
export class StreamBalancer extends Construct {
  readonly balancer: ApplicationLoadBalancer;
  readonly #listener: ApplicationListener;

  constructor(scope: Construct, id: string, network: StreamNetwork) {
    super(scope, id);
    const securityGroup = new SecurityGroup(this, 'Access', {
      vpc: network.vpc,
      description: 'The edge may call the load balancer of the streams, and that the tasks.',
      // What it may call, its targets, is added with them.
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(network.edge, Port.HTTP, 'CloudFront');
    this.balancer = new ApplicationLoadBalancer(this, 'Balancer', {
      vpc: network.vpc,
      vpcSubnets: network.balancer,
      internetFacing: false,
      securityGroup,
      idleTimeout: Duration.seconds(idleSeconds),
      dropInvalidHeaderFields: true,
    });
    // CloudFront wants the VPC to have its gateway.
    this.balancer.node.addDependency(network.gateway);
    this.#listener = this.balancer.addListener('Listener', {
      protocol: ApplicationProtocol.HTTP,
      open: false,
    });
    acknowledge(
      this.balancer,
      'AwsSolutions-ELB2',
      'Access logs of load balancers hold the query, in which tokens are. Those of the edge do not.',
    );
  }

  /** The address of the balancer, with a slash at its end; nobody outside of the VPC reaches it. */
  get address(): string {
    return `http://${this.balancer.loadBalancerDnsName}/`;
  }

  /**
   * Sends requests to the tasks of a service, each to the one that has the fewest.
   * @param drainSeconds how long a task that is to go keeps the requests that it has.
   */
  addTasks(service: FargateService, drainSeconds: number): ApplicationTargetGroup {
    return this.#listener.addTargets('Tasks', {
      protocol: ApplicationProtocol.HTTP,
      port: containerPort,
      targets: [service],
      deregistrationDelay: Duration.seconds(drainSeconds),
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      healthCheck: {
        path: healthPath,
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
  }

  /** The balancer as an origin of the edge. */
  origin(props: StreamOriginProps): IOrigin {
    return VpcOrigin.withApplicationLoadBalancer(this.balancer, {
      ...props,
      protocolPolicy: OriginProtocolPolicy.HTTP_ONLY,
    });
  }
}
