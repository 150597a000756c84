import { CfnResource } from 'aws-cdk-lib';
import { CfnSubnet, GatewayVpcEndpointAwsService, PrefixList, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { ISubnet, IVpc, IPrefixList, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import type { IDependable } from 'constructs';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/stage-schema.ts';
import { ServiceRole } from '../functions/service-role.ts';
import { acknowledge } from '../operations/acknowledge.ts';

/** How many availability zones the tasks are in. */
export const zoneCount = 2;

/**
 * Zones of the regions in which CloudFront does not reach all; of any other region the first that the account has are as good.
 * Names of zones differ from account to account, ids do not.
 * Source: "Supported AWS Regions for VPC origins", Amazon CloudFront developer guide, November 2026.
 */
const reachedZones: Readonly<Record<string, readonly [string, string]>> = {
  'ap-northeast-1': ['apne1-az1', 'apne1-az4'],
  'ca-central-1': ['cac1-az1', 'cac1-az2'],
  'us-east-1': ['use1-az1', 'use1-az2'],
  'us-west-1': ['usw1-az1', 'usw1-az3'],
};

/** AWS's list of the addresses from which CloudFront calls origins; it has another id in each region. */
const edgeAddresses = 'com.amazonaws.global.cloudfront.origin-facing';

/**
 * Where containers run: two zones, in each a subnet for tasks with a way out, by the internet gateway and addresses of their
 * own instead of a NAT gateway, and one for the load balancer without any. DynamoDB is reached within AWS.
 *
 * CloudFront wants the gateway and, in the balancer's subnets, an address that is free.
 * Source: "Restrict access with VPC origins", Amazon CloudFront developer guide.
 */
export class StreamNetwork extends Construct {
  readonly vpc: IVpc;
  readonly tasks: SubnetSelection = { subnetGroupName: 'Tasks' };
  readonly balancer: SubnetSelection = { subnetGroupName: 'Balancer' };
  /** Whence the edge comes. */
  readonly edge: IPrefixList;
  /** The way out and in, which is there before whatever needs it. */
  readonly gateway: IDependable;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    // @ts-expect-error The class gives its optional members as possibly undefined, not as possibly absent.
    this.vpc = new Vpc(this, 'Vpc', {
      maxAzs: zoneCount,
      natGateways: 0,
      subnetConfiguration: [
        { name: 'Tasks', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
        { name: 'Balancer', subnetType: SubnetType.PRIVATE_ISOLATED },
      ],
      gatewayEndpoints: { Tables: { service: GatewayVpcEndpointAwsService.DYNAMODB } },
      // Nothing is in the default group, and to empty it CDK would deploy a function.
      restrictDefaultSecurityGroup: false,
    });
    this.gateway = this.vpc.selectSubnets(this.tasks).internetConnectivityEstablished;
    const zones = reachedZones[config.region];
    if (zones !== undefined) {
      for (const subnets of [this.vpc.publicSubnets, this.vpc.isolatedSubnets])
        for (const [index, subnet] of subnets.entries()) placeIn(subnet, zones[index]!);
    }
    acknowledge(
      this.vpc,
      'AwsSolutions-VPC7',
      'What comes in is one port of a load balancer that only the edge reaches; who opens which stream is in the log of the program.',
    );
    this.edge = this.#findEdge(config);
  }

  /** The list is AWS's own: which it is in this region, a deploy asks. */
  #findEdge(config: StageConfig): IPrefixList {
    const scope = new Construct(this, 'EdgeAddresses');
    const service = new ServiceRole(scope, config, 'lambda.amazonaws.com');
    const found = new AwsCustomResource(scope, 'Lookup', {
      onUpdate: {
        service: 'EC2',
        action: 'DescribeManagedPrefixLists',
        parameters: { Filters: [{ Name: 'prefix-list-name', Values: [edgeAddresses] }] },
        physicalResourceId: PhysicalResourceId.of(edgeAddresses),
        outputPaths: ['PrefixLists.0.PrefixListId'],
      },
      role: service.role,
      logGroup: service.logGroup,
      policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE }),
      resourceType: 'Custom::EdgeAddresses',
      installLatestAwsSdk: false,
    });
    acknowledge(
      scope,
      'AwsSolutions-IAM5[Resource::*]',
      'The action lists what AWS publishes, and knows no resources; its function runs in deploys alone.',
    );
    return PrefixList.fromPrefixListId(this, 'Edge', found.getResponseField('PrefixLists.0.PrefixListId'));
  }
}

/** Puts a subnet into a zone by the zone's id. */
function placeIn(subnet: ISubnet, zoneId: string): void {
  const resource = subnet.node.defaultChild;
  if (!CfnResource.isCfnResource(resource) || !(resource instanceof CfnSubnet))
    throw new TypeError(`${subnet.node.path} is no subnet of this stack`);
  resource.addPropertyDeletionOverride('AvailabilityZone');
  resource.availabilityZoneId = zoneId;
}
