import type { PriceName } from '../../../lib/operations/prices.ts';

/** Where AWS's price list has a price: the service, and the usage type as it stands in the bill of us-east-1. */
export interface PriceListEntry {
  readonly service: string;
  readonly usageType: string;
  /** Where the price of the beginning is a free tier: the first that is not 0 counts. */
  readonly hasFreeTier?: true;
}

/**
 * Usage types as others have read them off price lists and bills; which of them are right only the price list can say. A
 * firewall is left out: few stages have one. So are load balancers, whose kinds share a usage type.
 */
export const priceListEntries: Readonly<Partial<Record<PriceName, PriceListEntry>>> = {
  compute: { service: 'AWSLambda', usageType: 'Lambda-GB-Second-ARM' },
  invocations: { service: 'AWSLambda', usageType: 'Request-ARM' },
  streamed: { service: 'AWSLambda', usageType: 'Lambda-Streaming-Response-Processed-Bytes-ARM' },
  reads: { service: 'AmazonDynamoDB', usageType: 'ReadRequestUnits' },
  writes: { service: 'AmazonDynamoDB', usageType: 'WriteRequestUnits' },
  recovery: { service: 'AmazonDynamoDB', usageType: 'TimedPITRStorage-ByteHrs' },
  requests: { service: 'AmazonApiGateway', usageType: 'USE1-ApiGatewayHttpRequest' },
  messages: { service: 'AmazonApiGateway', usageType: 'USE1-ApiGatewayMessage' },
  minutes: { service: 'AmazonApiGateway', usageType: 'USE1-ApiGatewayMinute' },
  edgeRequests: { service: 'AmazonCloudFront', usageType: 'US-Requests-Tier2-HTTPS' },
  edgeRuns: { service: 'AmazonCloudFront', usageType: 'Executions-CloudFrontFunctions', hasFreeTier: true },
  edgeData: { service: 'AmazonCloudFront', usageType: 'US-DataTransfer-Out-Bytes' },
  logs: { service: 'AmazonCloudWatch', usageType: 'USE1-DataProcessing-Bytes' },
  alarms: { service: 'AmazonCloudWatch', usageType: 'CW:AlarmMonitorUsage' },
  metrics: { service: 'AmazonCloudWatch', usageType: 'CW:MetricMonitorUsage' },
  taskProcessors: { service: 'AmazonECS', usageType: 'USE1-Fargate-ARM-vCPU-Hours:perCPU' },
  taskMemory: { service: 'AmazonECS', usageType: 'USE1-Fargate-ARM-GB-Hours' },
  addresses: { service: 'AmazonVPC', usageType: 'USE1-PublicIPv4:InUseAddress' },
};
