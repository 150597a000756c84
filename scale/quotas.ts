/** How a limit is moved. */
export type Raise =
  | 'ask AWS'
  | 'a setting'
  | 'a longer retryMaxMs'
  | 'pre-warm the table'
  | 'fewer streams in each'
  | 'cannot be raised';

/** A limit of AWS, or one of our own that follows from how something is built. */
export interface Quota {
  readonly amount: number;
  readonly unit: string;
  readonly raise: Raise;
  /** The page that says so, or the file. */
  readonly source: string;
}

const docs = 'https://docs.aws.amazon.com';
const lambdaQuotas = `${docs}/lambda/latest/dg/gettingstarted-limits.html`;
const webScaling = `${docs}/lambda/latest/dg/web-functions-scaling.html`;
const partitions = `${docs}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html`;
const tableQuotas = `${docs}/amazondynamodb/latest/developerguide/ServiceQuotas.html`;
const warm = `${docs}/amazondynamodb/latest/developerguide/warm-throughput.html`;
const cloudFront = `${docs}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html`;
const fargate = `${docs}/general/latest/gr/ecs-service.html`;

/** Defaults of us-east-1, as AWS's pages had them in November 2026. A new account may have less. */
export const quotas = {
  concurrency: { amount: 1000, unit: 'environments', raise: 'ask AWS', source: lambdaQuotas },
  /** At once, and 100 more in each second. */
  growth: {
    amount: 1000,
    unit: 'environments',
    raise: 'a longer retryMaxMs',
    source: `${docs}/lambda/latest/dg/scaling-behavior.html`,
  },
  webEnvironments: { amount: 1000, unit: 'environments', raise: 'ask AWS', source: webScaling },
  webRequests: { amount: 10_000, unit: 'requests/s', raise: 'ask AWS', source: webScaling },
  fargateProcessors: { amount: 6, unit: 'vCPU', raise: 'ask AWS', source: fargate },
  balancerTargets: {
    amount: 1000,
    unit: 'targets',
    raise: 'ask AWS',
    source: `${docs}/elasticloadbalancing/latest/application/load-balancer-limits.html`,
  },
  partitionReads: { amount: 3000, unit: 'units/s', raise: 'cannot be raised', source: partitions },
  partitionWrites: { amount: 1000, unit: 'units/s', raise: 'cannot be raised', source: partitions },
  tableReads: { amount: 40_000, unit: 'units/s', raise: 'ask AWS', source: tableQuotas },
  tableWrites: { amount: 40_000, unit: 'units/s', raise: 'ask AWS', source: tableQuotas },
  newTableReads: { amount: 12_000, unit: 'units/s', raise: 'pre-warm the table', source: warm },
  newTableWrites: { amount: 4000, unit: 'units/s', raise: 'pre-warm the table', source: warm },
  edgeRequests: { amount: 250_000, unit: 'requests/s', raise: 'ask AWS', source: cloudFront },
  edgeData: { amount: 150, unit: 'Gbit/s', raise: 'ask AWS', source: cloudFront },
  gatewayRequests: {
    amount: 10_000,
    unit: 'requests/s',
    raise: 'ask AWS',
    source: `${docs}/apigateway/latest/developerguide/limits.html`,
  },
  logCalls: {
    amount: 5000,
    unit: 'calls/s',
    raise: 'ask AWS',
    source: `${docs}/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html`,
  },
} as const satisfies Readonly<Record<string, Quota>>;
