import { randomUUID } from 'node:crypto';
import { CommandError } from '../../commands/command-error.ts';
import type { Assembly, TemplateResource } from './assembly.ts';
import { holds, resolveIntrinsics } from './intrinsics.ts';
import type { Scope } from './intrinsics.ts';

/** The account, region and partition that the local stack pretends to be deployed to. */
export const localAccount = '000000000000';
export const localRegion = 'us-east-1';

/** A resource whose properties are plain values. */
export interface ResolvedResource {
  readonly logicalId: string;
  readonly properties: Record<string, unknown>;
  /** Path in the construct tree, such as `/Stack/Api/Tasks/Function/Resource`; empty when CDK did not write it. */
  readonly constructPath: string;
}

/**
 * The template of one running stack: its resources with physical names, every intrinsic resolved.
 *
 * Physical names are `<prefix>-<logical id>`: CloudFormation adds a random suffix instead.
 */
export class StackTemplate {
  readonly #assembly: Assembly;
  readonly #prefix: string;
  readonly #parameters: Readonly<Record<string, string | number>>;
  readonly #lateAttributes = new Map<string, string>();
  readonly #scope: Scope;
  /** The last part of the stack's id, which AWS makes with the stack. */
  readonly #stackUuid = randomUUID();

  /**
   * @param parameters values for the template's parameters; a default is used where none is given.
   * @throws {CommandError} for a parameter that the template does not have.
   */
  constructor(assembly: Assembly, prefix: string, parameters: Readonly<Record<string, string | number>>) {
    for (const name of Object.keys(parameters)) {
      if (assembly.template.Parameters?.[name] === undefined) {
        throw new CommandError(
          `the template has no parameter ${name}: was it synthesized for the stage local?`,
        );
      }
    }
    this.#assembly = assembly;
    this.#prefix = prefix;
    this.#parameters = parameters;
    this.#scope = {
      reference: (name) => this.#reference(name),
      attribute: (logicalId, attribute) => this.#attribute(logicalId, attribute),
      condition: (name) => assembly.template.Conditions?.[name],
    };
  }

  /** All resources of these types whose condition holds, in the template's order, resolved. */
  resourcesOfType(...types: string[]): ResolvedResource[] {
    return Object.entries(this.#assembly.template.Resources)
      .filter(([, resource]) => types.includes(resource.Type) && this.#exists(resource))
      .map(([logicalId, resource]) => ({
        logicalId,
        properties: resolveIntrinsics(resource.Properties ?? {}, this.#scope, logicalId) as Record<
          string,
          unknown
        >,
        constructPath: this.#assembly.constructPaths.get(logicalId) ?? '',
      }));
  }

  /**
   * The resource of a type of which there may be one; undefined where there is none.
   * @throws {CommandError} where there are more.
   */
  onlyOne(type: string): ResolvedResource | undefined {
    const [resource, another] = this.resourcesOfType(type);
    if (another !== undefined) throw new CommandError(`the template has more than one ${type}`);
    return resource;
  }

  /** The physical name of a resource. */
  physicalName(logicalId: string): string {
    return `${this.#prefix}-${logicalId}`;
  }

  /** Makes an attribute known that only the running resource has, such as a table's StreamArn. */
  setAttribute(logicalId: string, attribute: string, value: string): void {
    this.#lateAttributes.set(`${logicalId}.${attribute}`, value);
  }

  /**
   * The directory of a function's bundle, or of an image.
   * @param key `Code.S3Key` of the function, or the tag of the image.
   */
  assetDirectory(key: string): string {
    const directory = this.#assembly.assetDirectories.get(key);
    if (directory === undefined) {
      throw new CommandError(`the template names an asset ${key} that the asset manifest does not hold`);
    }
    return directory;
  }

  #exists(resource: TemplateResource): boolean {
    return (
      resource.Condition === undefined || holds({ Condition: resource.Condition }, this.#scope, 'resource')
    );
  }

  #reference(name: string): unknown {
    switch (name) {
      case 'AWS::Region':
        return localRegion;
      case 'AWS::AccountId':
        return localAccount;
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return this.#assembly.stackName;
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${localRegion}:${localAccount}:stack/${this.#assembly.stackName}/${this.#stackUuid}`;
      default:
    }
    const parameter = this.#assembly.template.Parameters?.[name];
    if (parameter !== undefined) return this.#parameters[name] ?? parameter.Default;
    const resource = this.#assembly.template.Resources[name];
    if (resource === undefined) return undefined;
    // Metrics are named by parts of it.
    if (resource.Type === 'AWS::ElasticLoadBalancingV2::Listener')
      return `arn:aws:elasticloadbalancing:${localRegion}:${localAccount}:listener/${balancerFullName(String(this.#property(name, 'LoadBalancerArn')))}/local`;
    return this.physicalName(name);
  }

  /** One property of a resource, resolved. */
  #property(logicalId: string, name: string): unknown {
    const value = this.#assembly.template.Resources[logicalId]?.Properties?.[name];
    return resolveIntrinsics(value, this.#scope, `${logicalId}.${name}`);
  }

  #text(logicalId: string, name: string): string {
    return this.#property(logicalId, name) as string;
  }

  #attribute(logicalId: string, attribute: string): unknown {
    const late = this.#lateAttributes.get(`${logicalId}.${attribute}`);
    if (late !== undefined) return late;
    const name = this.physicalName(logicalId);
    const here = `${localRegion}:${localAccount}`;
    switch (`${this.#assembly.template.Resources[logicalId]?.Type} ${attribute}`) {
      case 'AWS::DynamoDB::GlobalTable Arn':
      case 'AWS::DynamoDB::Table Arn':
        return tableArn(name);
      case 'AWS::Lambda::Function Arn':
        return functionArn(name);
      case 'AWS::IAM::Role Arn':
        return `arn:aws:iam::${localAccount}:role/${name}`;
      case 'AWS::Logs::LogGroup Arn':
        return `arn:aws:logs:${here}:log-group:${name}:*`;
      case 'AWS::S3::Bucket Arn':
        return `arn:aws:s3:::${name}`;
      case 'AWS::S3::Bucket RegionalDomainName':
        return `${name}.s3.${localRegion}.amazonaws.com`;
      case 'AWS::Lambda::Url FunctionUrl':
        return `https://${name}.lambda-url.${localRegion}.on.aws/`;
      case 'AWS::Lambda::Url FunctionArn':
        return this.#property(logicalId, 'TargetFunctionArn');
      case 'AWS::Lambda::WebFunction FunctionArn':
        return `arn:aws:lambda:${here}:web-function/${this.#text(logicalId, 'FunctionName')}`;
      case 'AWS::Lambda::WebFunctionRevision RevisionId':
        return 'local';
      case 'AWS::Lambda::WebFunctionEndpoint EndpointArn':
        return `arn:aws:lambda:${here}:web-function/${this.#text(logicalId, 'FunctionName')}/endpoint/${this.#text(logicalId, 'EndpointName')}`;
      case 'AWS::Lambda::WebFunctionEndpoint DomainName':
        return `${name}.lambda-web.${localRegion}.on.aws`;
      // The copy has the name of the asset, by which its directory is known.
      case 'Custom::S3ObjectCopy Bucket':
        return this.#property(logicalId, 'DestinationBucketName');
      case 'Custom::S3ObjectCopy Key':
        return this.#property(logicalId, 'SourceObjectKey');
      case 'Custom::S3ObjectCopy VersionId':
        return 'local';
      case 'AWS::CloudFront::Function FunctionARN':
        return `arn:aws:cloudfront::${localAccount}:function/${name}`;
      case 'AWS::CloudFront::OriginAccessControl Id':
        return name;
      case 'AWS::CloudFront::VpcOrigin Id':
      case 'AWS::EC2::SecurityGroup GroupId':
      case 'AWS::ECS::Service Name':
        return name;
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer DNSName':
        return balancerDomain(name);
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer LoadBalancerFullName':
        return balancerFullName(name);
      case 'AWS::ElasticLoadBalancingV2::TargetGroup TargetGroupFullName':
        return targetGroupFullName(name);
      case 'AWS::SQS::Queue Arn':
        return `arn:aws:sqs:${here}:${name}`;
      default:
        return undefined;
    }
  }
}

/** ARN of a table of the local account. */
export function tableArn(tableName: string): string {
  return `arn:aws:dynamodb:${localRegion}:${localAccount}:table/${tableName}`;
}

/** The domain name of a load balancer without an address on the internet. */
export function balancerDomain(physicalName: string): string {
  return `internal-${physicalName}.${localRegion}.elb.amazonaws.com`;
}

/** The name of a load balancer in metrics: the end of its ARN. */
export function balancerFullName(physicalName: string): string {
  return `app/${physicalName}/local`;
}

/** The same of a target group. */
export function targetGroupFullName(physicalName: string): string {
  return `targetgroup/${physicalName}/local`;
}

/** The name of the function or table that an ARN of the local account names. */
export function nameInArn(arn: string): string {
  return arn.split(/[:/]/).at(-1) ?? '';
}

/** ARN of a function of the local account. */
export function functionArn(functionName: string): string {
  return `arn:aws:lambda:${localRegion}:${localAccount}:function:${functionName}`;
}
