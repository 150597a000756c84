import type { Finding } from './finding.ts';
import type { LeafChange } from './leaves.ts';
import { change, code, named } from './markdown-text.ts';
import type { ResourceChange } from './resource-changes.ts';

interface LeafRule {
  readonly type: RegExp;
  readonly path: RegExp;
  /** Whether the change opens something; for every change where it is left out. */
  readonly opens?: (change: LeafChange) => boolean;
  /** Whether a new resource is left alone: there is nothing yet that the change could weaken. */
  readonly existingOnly?: boolean;
  readonly meaning: string;
}

const isAny = ({ path }: LeafChange): boolean => path.endsWith('[*]');
const appears = ({ after }: LeafChange): boolean => after !== undefined;

/** The first rule that fits counts. */
const rules: readonly LeafRule[] = [
  {
    type: /^AWS::Lambda::Url$/,
    path: /^AuthType$/,
    opens: ({ after }) => after === 'NONE',
    meaning: 'anybody can call the Function URL; only the token decides',
  },
  {
    type: /^AWS::(Lambda::Url|ApiGatewayV2::Api)$/,
    path: /\.AllowOrigins\[/,
    opens: (leaf) => appears(leaf) && isAny(leaf),
    meaning: 'pages of every origin can call',
  },
  {
    type: /^AWS::(Lambda::Url|ApiGatewayV2::Api)$/,
    path: /\.AllowOrigins\[/,
    opens: appears,
    meaning: 'pages of this origin can call',
  },
  {
    type: /^AWS::(Lambda::Url|ApiGatewayV2::Api)$/,
    path: /\.(AllowCredentials|AllowHeaders\[.*|AllowMethods\[.*)$/,
    opens: appears,
    meaning: 'pages of the allowed origins can send more',
  },
  {
    type: /^AWS::S3::Bucket$/,
    path: /^PublicAccessBlockConfiguration\./,
    opens: ({ after }) => after !== 'true',
    meaning: 'a policy or an access list can make the bucket public',
  },
  {
    type: /^AWS::(S3::Bucket|DynamoDB::\w+|SNS::Topic|SQS::Queue|Logs::LogGroup)$/,
    path: /^(BucketEncryption|SSESpecification|KmsMasterKeyId|KmsKeyId|Replicas\[.*SSESpecification)/,
    existingOnly: true,
    meaning: 'what encrypts the data changes',
  },
  {
    type: /^AWS::ApiGatewayV2::Route$/,
    path: /^(AuthorizationType|AuthorizerId)$/,
    existingOnly: true,
    meaning: 'who may call the route changes',
  },
  {
    type: /^AWS::ApiGatewayV2::Stage$/,
    path: /^AccessLogSettings\.Format$/,
    meaning: 'see that no token gets into the log: no header and no query string',
  },
  {
    type: /^AWS::(Lambda::Function|ECS::TaskDefinition)$/,
    path: /\bEnvironment(\.Variables\.|\[)(JWT_\w+|ADMIN_\w+|WORKSPACE_CLAIM|DEFAULT_WORKSPACE|TOKEN_\w+)(\]\.Value)?$/,
    existingOnly: true,
    meaning: 'whose tokens are accepted, or what they allow, changes',
  },
  {
    type: /^AWS::EC2::SecurityGroup(Ingress)?$/,
    path: /(^|Ingress\[.*\]\.)CidrIp(v6)?$/,
    opens: ({ after }) => after === '0.0.0.0/0' || after === '::/0',
    meaning: 'everybody can reach it, past the edge',
  },
  {
    type: /^AWS::ElasticLoadBalancingV2::LoadBalancer$/,
    path: /^Scheme$/,
    opens: ({ after }) => after !== 'internal',
    meaning: 'everybody can find it, past the edge',
  },
  {
    type: /^AWS::ECS::TaskDefinition$/,
    path: /^ContainerDefinitions\[.*\]\.(Privileged|User|ReadonlyRootFilesystem)$/,
    existingOnly: true,
    meaning: 'what the program may do in its container changes',
  },
  {
    // What guards the way in: each change of it is worth a look.
    type: /^AWS::(CloudFront::(Distribution|Function|OriginAccessControl|OriginRequestPolicy|ResponseHeadersPolicy|CachePolicy|VpcOrigin)|WAFv2::\w+|Cognito::\w+|EC2::SecurityGroup\w*|KMS::\w+|SecretsManager::\w+|ApiGatewayV2::Authorizer)$/,
    path: /^(?!Description$|Comment$|.*\.Comment$|Tags\b)/,
    existingOnly: true,
    meaning: 'this guards the way in or the users',
  },
];

const guardRules =
  /^AWS::(WAFv2::\w+|CloudFront::(OriginAccessControl|ResponseHeadersPolicy)|ApiGatewayV2::Authorizer)$/;

/** Gives what of a change opens the deployment wider, or touches what guards it; permissions are told elsewhere. */
export function security(resource: ResourceChange): Finding[] {
  const { type, fate, after, leaves } = resource;
  const texts = leaves.flatMap((leaf) => {
    const rule = ruleFor(resource, leaf);
    return rule === undefined
      ? []
      : [`${code(leaf.path)} ${change(leaf.before, leaf.after)}: ${rule.meaning}`];
  });
  if (fate === 'removed' && guardRules.test(type)) texts.push('is removed: it guards the way in');
  const isOpenBucket =
    fate === 'created' &&
    type === 'AWS::S3::Bucket' &&
    after?.Properties?.['PublicAccessBlockConfiguration'] === undefined;
  if (isOpenBucket) texts.push('is created without blocking public access');
  return texts.map((text) => ({ section: 'security', alarming: true, text: `${named(resource)} ${text}` }));
}

/** Whether a change of this property is told by `security`. */
export function isSecurity(resource: ResourceChange, leaf: LeafChange): boolean {
  return ruleFor(resource, leaf) !== undefined;
}

function ruleFor({ type, fate }: ResourceChange, leaf: LeafChange): LeafRule | undefined {
  return rules.find(
    (rule) =>
      rule.type.test(type) &&
      rule.path.test(leaf.path) &&
      !(rule.existingOnly === true && fate === 'created') &&
      (rule.opens?.(leaf) ?? true),
  );
}
