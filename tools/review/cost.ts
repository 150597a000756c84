import type { Finding } from './finding.ts';
import type { LeafChange } from './leaves.ts';
import { change, code, named } from './markdown-text.ts';
import type { ResourceChange } from './resource-changes.ts';

/** Properties that change the bill, and how. */
const rules: ReadonlyArray<{
  readonly type: RegExp;
  readonly path: RegExp;
  /** Whether this change counts; every one where it is left out. */
  readonly when?: (change: LeafChange) => boolean;
  readonly meaning: string;
}> = [
  { type: /^AWS::Lambda::Function$/, path: /^MemorySize$/, meaning: 'each second costs in proportion' },
  { type: /^AWS::Lambda::Function$/, path: /^Timeout$/, meaning: 'the longest that one run is paid for' },
  { type: /^AWS::Lambda::Function$/, path: /^Architectures/, meaning: 'the price of a second' },
  {
    type: /^AWS::Lambda::Function$/,
    path: /^EphemeralStorage\./,
    meaning: 'above 512 MB paid by the second',
  },
  {
    type: /^AWS::Lambda::Function$/,
    path: /^ReservedConcurrentExecutions$/,
    meaning: 'the most runs that are paid for at a time',
  },
  {
    type: /^AWS::ECS::TaskDefinition$/,
    path: /^(Cpu|Memory|RuntimePlatform\..*)$/,
    meaning: 'the price of an hour of a task',
  },
  {
    type: /^AWS::ApplicationAutoScaling::ScalableTarget$/,
    path: /^MinCapacity$/,
    meaning: 'tasks that are paid for whether they are used or not',
  },
  {
    type: /^AWS::ApplicationAutoScaling::ScalableTarget$/,
    path: /^MaxCapacity$/,
    meaning: 'the most tasks that are paid for at a time',
  },
  {
    type: /^AWS::ApplicationAutoScaling::ScalingPolicy$/,
    path: /\.TargetValue$/,
    meaning: 'how many tasks the same load takes',
  },
  {
    type: /^AWS::Lambda::Function$/,
    path: /^Environment\.Variables\.POLL_M(IN|AX)_MS$/,
    meaning: 'reads of the log for each open stream: a shorter pause costs more',
  },
  {
    type: /^AWS::Lambda::Function$/,
    path: /^Environment\.Variables\.SESSION_SECONDS$/,
    meaning: 'how long a stream is paid for after its client has left',
  },
  {
    type: /^AWS::Lambda::Function$/,
    path: /^Environment\.Variables\.HISTORY_SECONDS$/,
    meaning: 'how long changes are stored',
  },
  {
    type: /^AWS::Lambda::EventSourceMapping$/,
    path: /^(BatchSize|MaximumBatchingWindowInSeconds|ParallelizationFactor)$/,
    meaning: 'how many invocations the same changes take',
  },
  { type: /ProvisionedConcurrency/, path: /./, meaning: 'paid for whether it is used or not' },
  { type: /^AWS::Logs::LogGroup$/, path: /^RetentionInDays$/, meaning: 'how long logs are stored' },
  {
    type: /^AWS::DynamoDB::/,
    path: /^(BillingMode$|TableClass|.*CapacityUnits$|.*Throughput)/,
    meaning: 'how reads and writes are paid for',
  },
  {
    type: /^AWS::DynamoDB::/,
    path: /PointInTimeRecoveryEnabled$/,
    when: ({ before, after }) => before === 'true' || after === 'true',
    meaning: 'backups are paid for by size',
  },
  { type: /^AWS::DynamoDB::/, path: /^GlobalSecondaryIndexes\[/, meaning: 'each index repeats the writes' },
  {
    type: /^AWS::DynamoDB::GlobalTable$/,
    path: /^Replicas\[.*\]\.Region$/,
    meaning: 'each replica repeats the writes',
  },
  {
    type: /^AWS::S3::Bucket$/,
    path: /^(LifecycleConfiguration|VersioningConfiguration)\./,
    meaning: 'how long objects are stored',
  },
  {
    type: /^AWS::ApiGatewayV2::Stage$/,
    path: /^DefaultRouteSettings\.Throttling/,
    meaning: 'the most requests that are paid for',
  },
  {
    type: /^AWS::CloudFront::Distribution$/,
    path: /\.PriceClass$/,
    meaning: 'from where CloudFront answers',
  },
  { type: /^AWS::WAFv2::WebACL$/, path: /^Rules\[[^\]]*\]\.Name$/, meaning: 'each rule has a monthly price' },
];

/** What a resource of this type is billed by; an empty text where it costs nothing by itself. */
const billedSettings: ReadonlyArray<readonly [type: RegExp, by: string]> = [
  [/^AWS::(IAM|CDK)::/, ''],
  [/^AWS::Lambda::(Permission|Url|EventSourceMapping|EventInvokeConfig|Version|Alias|LayerVersion)$/, ''],
  [/^AWS::ApiGatewayV2::(Route|Integration|Stage|Deployment|ApiMapping|Authorizer|DomainName)$/, ''],
  [/^AWS::(S3::BucketPolicy|SNS::(Subscription|TopicPolicy)|SQS::QueuePolicy)$/, ''],
  [/^AWS::Cognito::(?!UserPool$)/, ''],
  [/^AWS::CloudFront::(?!Distribution$|Function$)/, ''],
  [/^AWS::(Logs::(Delivery\w*|ResourcePolicy)|CertificateManager::Certificate)$/, ''],
  [/^AWS::WAFv2::WebACLAssociation$/, ''],
  [/^AWS::EC2::(VPC|Subnet|RouteTable|SubnetRouteTableAssociation|Route|SecurityGroup\w*)$/, ''],
  [/^AWS::EC2::(InternetGateway|VPCGatewayAttachment)$/, ''],
  [/^AWS::(ECS::(Cluster|TaskDefinition)|ApplicationAutoScaling::\w+)$/, ''],
  [/^AWS::ElasticLoadBalancingV2::(?!LoadBalancer$)/, ''],
  [/^Custom::/, ''],
  [/^AWS::Lambda::Function$/, 'requests and seconds'],
  [/^AWS::ECS::Service$/, 'processors, memory and public addresses of its tasks, in seconds'],
  [/^AWS::ElasticLoadBalancingV2::LoadBalancer$/, 'the hour, and what goes through it'],
  [/^AWS::EC2::VPCEndpoint$/, 'the hour and data, unless it is a gateway'],
  [/^AWS::DynamoDB::/, 'reads, writes and storage'],
  [/^AWS::S3::Bucket$/, 'requests and storage'],
  [/^AWS::Logs::LogGroup$/, 'what is written and stored'],
  [/^AWS::ApiGatewayV2::Api$/, 'requests, or messages and minutes of connections'],
  [/^AWS::CloudFront::(Distribution|Function)$/, 'requests and data out'],
  [/^AWS::Cognito::UserPool$/, 'users who sign in within a month'],
  [/^AWS::CloudWatch::(Composite)?Alarm$/, 'the month, each alarm'],
  [/^AWS::Logs::MetricFilter$/, 'the month, each metric, in hours in which it is sent'],
  [/^AWS::CloudWatch::Dashboard$/, 'the month, each dashboard'],
  [/^AWS::WAFv2::WebACL$/, 'the month, each rule, and requests'],
  [/^AWS::Scheduler::Schedule$/, 'invocations, above 14 million a month'],
  [/^AWS::SNS::Topic$/, 'messages'],
  [/^AWS::SQS::Queue$/, 'requests'],
  [/^AWS::KMS::Key$/, 'the month, each key, and requests'],
  [/^AWS::SecretsManager::Secret$/, 'the month, each secret, and requests'],
];

/** Gives what of a change raises or lowers the bill. */
export function cost(resource: ResourceChange): Finding[] {
  const { type, fate, leaves } = resource;
  const texts: string[] = [];
  if (fate === 'created' || fate === 'removed') {
    const by =
      billedSettings.find(([pattern]) => pattern.test(type))?.[1] ?? 'a price that this report does not know';
    if (by !== '')
      texts.push(fate === 'created' ? `is new, billed by ${by}` : `goes; it was billed by ${by}`);
  } else {
    for (const leaf of leaves) {
      const rule = ruleFor(type, leaf);
      if (rule === undefined) continue;
      texts.push(`${code(leaf.path)} ${change(leaf.before, leaf.after)}${percentage(leaf)}: ${rule.meaning}`);
    }
  }
  return texts.map((text) => ({ section: 'cost', alarming: false, text: `${named(resource)} ${text}` }));
}

/** Whether a change of this property is told by `cost`. */
export function isCost({ type, fate }: ResourceChange, leaf: LeafChange): boolean {
  return fate !== 'created' && ruleFor(type, leaf) !== undefined;
}

function ruleFor(type: string, leaf: LeafChange): (typeof rules)[number] | undefined {
  return rules.find(
    (rule) => rule.type.test(type) && rule.path.test(leaf.path) && (rule.when?.(leaf) ?? true),
  );
}

function percentage({ before, after }: LeafChange): string {
  const ratio = Number(after) / Number(before);
  if (!Number.isFinite(ratio) || before === '' || after === '') return '';
  const percent = Math.round((ratio - 1) * 100);
  return ` (${percent > 0 ? '+' : ''}${percent} %)`;
}
