/** A list price. */
export interface Price {
  /** Whose bill it is on. */
  readonly service: string;
  /** What is paid for, as the table of docs/DEPLOY.md calls it. */
  readonly label: string;
  /** What is counted: one of it where the price is for one, else many. */
  readonly unit: string;
  /** US dollars for `per` units. */
  readonly dollars: number;
  readonly per: number;
  /** AWS's own page, which counts. */
  readonly source: string;
}

/** Where and when the prices were looked up. They are on demand, without free tiers and taxes. */
export const priceList = { region: 'us-east-1', date: '2026-11' } as const;

const million = 1_000_000;
const lambda = { service: 'Lambda', source: 'https://aws.amazon.com/lambda/pricing/' };
const dynamo = { service: 'DynamoDB', source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' };
const gateway = { service: 'API Gateway', source: 'https://aws.amazon.com/api-gateway/pricing/' };
const cloudFront = { service: 'CloudFront', source: 'https://aws.amazon.com/cloudfront/pricing/' };
const cloudWatch = { service: 'CloudWatch', source: 'https://aws.amazon.com/cloudwatch/pricing/' };
const fargate = { service: 'Fargate', source: 'https://aws.amazon.com/fargate/pricing/' };
const balancing = {
  service: 'Load balancing',
  source: 'https://aws.amazon.com/elasticloadbalancing/pricing/',
};
const firewall = { service: 'WAF', source: 'https://aws.amazon.com/waf/pricing/' };

/** All prices that a bill or docs/DEPLOY.md is made with. Of those with tiers it is the first, the dearest. */
export const prices = {
  compute: { ...lambda, label: 'Lambda, arm64', unit: 'GB-second', dollars: 0.0000133334, per: 1 },
  invocations: { ...lambda, label: 'Lambda, invocations', unit: 'invocations', dollars: 0.2, per: million },
  streamed: {
    ...lambda,
    label: 'Lambda, streamed beyond 6 MB an answer',
    unit: 'GB',
    dollars: 0.008,
    per: 1,
  },
  reads: { ...dynamo, label: 'DynamoDB, read units (RRU)', unit: 'RRU', dollars: 0.125, per: million },
  writes: { ...dynamo, label: 'DynamoDB, write units (WRU)', unit: 'WRU', dollars: 0.625, per: million },
  recovery: {
    ...dynamo,
    label: 'DynamoDB, point-in-time recovery',
    unit: 'GB and month',
    dollars: 0.2,
    per: 1,
  },
  requests: { ...gateway, label: 'HTTP API, requests', unit: 'requests', dollars: 1, per: million },
  messages: {
    ...gateway,
    label: 'WebSocket API, messages of 32 KB, sent or received',
    unit: 'messages',
    dollars: 1,
    per: million,
  },
  minutes: {
    ...gateway,
    label: 'WebSocket API, open connections',
    unit: 'minutes',
    dollars: 0.25,
    per: million,
  },
  edgeRequests: {
    ...cloudFront,
    label: 'CloudFront, HTTPS requests (US, Europe)',
    unit: 'requests',
    dollars: 0.01,
    per: 10_000,
  },
  edgeRuns: { ...cloudFront, label: 'CloudFront Function', unit: 'runs', dollars: 0.1, per: million },
  edgeData: {
    ...cloudFront,
    label: 'CloudFront, data to viewers (US, Europe)',
    unit: 'GB',
    dollars: 0.085,
    per: 1,
  },
  dataOut: {
    service: 'Data transfer',
    source: 'https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer',
    label: 'Data out without the edge (API, stream)',
    unit: 'GB',
    dollars: 0.09,
    per: 1,
  },
  logs: { ...cloudWatch, label: 'CloudWatch Logs, ingested', unit: 'GB', dollars: 0.5, per: 1 },
  alarms: { ...cloudWatch, label: 'CloudWatch alarm', unit: 'month', dollars: 0.1, per: 1 },
  metrics: {
    ...cloudWatch,
    label: 'CloudWatch metric of our own, by the hours in which it is sent',
    unit: 'month',
    dollars: 0.3,
    per: 1,
  },
  users: {
    service: 'Cognito',
    source: 'https://aws.amazon.com/cognito/pricing/',
    label: 'Cognito, users that sign in (Essentials), 10,000 of them free',
    unit: 'user and month',
    dollars: 0.015,
    per: 1,
  },
  taskProcessors: {
    ...fargate,
    label: 'Fargate, arm64, processors',
    unit: 'vCPU-hour',
    dollars: 0.03238,
    per: 1,
  },
  taskMemory: { ...fargate, label: 'Fargate, arm64, memory', unit: 'GB-hour', dollars: 0.00356, per: 1 },
  balancers: { ...balancing, label: 'Application Load Balancer', unit: 'hour', dollars: 0.0225, per: 1 },
  balancerUnits: {
    ...balancing,
    label: 'Application Load Balancer, capacity units (LCU)',
    unit: 'LCU-hour',
    dollars: 0.008,
    per: 1,
  },
  addresses: {
    service: 'VPC',
    source: 'https://aws.amazon.com/vpc/pricing/',
    label: 'Public IPv4 address',
    unit: 'hour',
    dollars: 0.005,
    per: 1,
  },
  firewall: { ...firewall, label: 'WAF', unit: 'month', dollars: 5, per: 1 },
  firewallRules: { ...firewall, label: 'WAF, rules', unit: 'month', dollars: 1, per: 1 },
  inspected: { ...firewall, label: 'WAF, requests', unit: 'requests', dollars: 0.6, per: million },
} as const satisfies Readonly<Record<string, Price>>;

/** The name of a price. */
export type PriceName = keyof typeof prices;

/** What so many units cost, US dollars. */
export function dollarsFor({ dollars, per }: Pick<Price, 'dollars' | 'per'>, quantity: number): number {
  return (quantity * dollars) / per;
}

/** What is free, and is not subtracted from a bill: it is the account's, which may use it for something else. */
export const freeTiers = [
  'Lambda: 400,000 GB-seconds and 1 million invocations a month',
  'CloudFront: 1 TB, 10 million requests and 2 million runs of functions a month',
  'API Gateway, in the first year: 1 million requests, 1 million messages and 750,000 connection minutes a month',
  'data out without the edge: 100 GB a month; CloudWatch Logs: 5 GB a month',
] as const;
