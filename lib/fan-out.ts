import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { DlqDestinationConfig, IEventSourceDlq } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { removalPolicy } from './data-protection.ts';
import { ServiceFunction } from './service-function.ts';
import type { StageConfig } from './stage-config.ts';

export interface FanOutProps {
  readonly config: StageConfig;
  readonly tasksTable: TableV2;
  readonly eventsTable: TableV2;
}

/** A stream keeps a record for 24 h; giving up before leaves time to see the failure and act. */
const longestRecordAgeSeconds = 20 * 60 * 60;

/** Item 0 of a partition is a counter or an idempotency record; tasks begin at 1. Key numbers are strings. */
const tasksOnly = FilterCriteria.filter({ dynamodb: { Keys: { id: { N: [{ 'anything-but': ['0'] }] } } } });

/** From the stream of the tasks table to the log of each workspace. */
export class FanOut extends Construct {
  constructor(scope: Construct, id: string, props: FanOutProps) {
    super(scope, id);
    const service = this.fanOutFunction(props);
    const failedBatches = this.failedBatches(props.config, service);
    const { tableStreamArn } = props.tasksTable;
    if (tableStreamArn === undefined) throw new TypeError('the tasks table has no stream');
    // The mapping polls with the role of the function.
    service.allow(
      [
        'dynamodb:DescribeStream',
        'dynamodb:GetRecords',
        'dynamodb:GetShardIterator',
        'dynamodb:ListStreams',
      ],
      [tableStreamArn],
    );
    new EventSourceMapping(this, 'Mapping', {
      target: service.function,
      eventSourceArn: tableStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 200,
      maxBatchingWindow: Duration.seconds(0),
      // More than one batch of a shard at a time would only contend for the same heads.
      parallelizationFactor: 1,
      filters: [tasksOnly],
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // Only infrastructure fails a batch, and that passes: no limit but the age.
      retryAttempts: -1,
      // A redelivered record is recognized by its segment, so it must not come back after that has expired.
      maxRecordAge: Duration.seconds(
        Math.min(longestRecordAgeSeconds, Math.floor((props.config.historySeconds * 5) / 6)),
      ),
      onFailure: failedBatches,
      supportS3OnFailureDestination: true,
    });
  }

  private fanOutFunction({ config, eventsTable }: FanOutProps): ServiceFunction {
    const service = new ServiceFunction(this, 'Fanout', {
      name: 'fanout',
      description: 'Appends the changes of tasks to the log of their workspace.',
      config,
      memorySize: 512,
      timeoutSeconds: 60,
      environment: { EVENTS_TABLE: eventsTable.tableName, HISTORY_SECONDS: String(config.historySeconds) },
    });
    service.allow(
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      [eventsTable.tableArn],
    );
    return service;
  }

  /** S3, because only there the failed records are kept themselves; a queue gets their place in the stream. */
  private failedBatches(config: StageConfig, service: ServiceFunction): IEventSourceDlq {
    const bucket = new Bucket(this, 'FailedBatches', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: removalPolicy(config),
    });
    // The two actions and the prefix that the Lambda developer guide names for an S3 destination.
    service.allow(['s3:PutObject'], [bucket.arnForObjects('aws/lambda/*')]);
    service.allow(['s3:ListBucket'], [bucket.bucketArn]);
    return { bind: (): DlqDestinationConfig => ({ destination: bucket.bucketArn }) };
  }
}
