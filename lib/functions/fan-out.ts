import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventSourceMapping, FilterCriteria, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { fanOutEnvironment } from '../../lambdas/fanout/environment.ts';
import { acknowledge } from '../operations/acknowledge.ts';
import { FailedBatches } from '../data/failed-batches.ts';
import { functionEnvironment } from './function-environment.ts';
import type { Push } from './push.ts';
import { ServiceFunction } from './service-function.ts';
import type { StageConfig } from '../config/stage-schema.ts';

export interface FanOutProps {
  readonly config: StageConfig;
  readonly tasksTable: TableV2;
  readonly eventsTable: TableV2;
  readonly connectionsTable: TableV2;
  readonly push: Push;
}

/** A stream keeps a record for 24 h; giving up before leaves time to see the failure and act. */
const longestRecordAgeSeconds = 20 * 60 * 60;

/** Item 0 of a partition is a counter or an idempotency record; tasks begin at 1. Key numbers are strings. */
const tasksOnly = FilterCriteria.filter({ dynamodb: { Keys: { id: { N: [{ 'anything-but': ['0'] }] } } } });

/** From the stream of the tasks table to the log of each workspace. */
export class FanOut extends Construct {
  readonly function: Function;
  readonly mapping: EventSourceMapping;

  constructor(scope: Construct, id: string, props: FanOutProps) {
    super(scope, id);
    const service = this.#fanOutFunction(props);
    const failedBatches = new FailedBatches(this, 'FailedBatches', props.config);
    failedBatches.allowWritesBy(service);
    this.function = service.function;
    const { tableStreamArn } = props.tasksTable;
    if (tableStreamArn === undefined) throw new TypeError('the tasks table has no stream');
    // The mapping polls with the role of the function.
    service.allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      [tableStreamArn],
    );
    // It knows no resources: granted on a stream it is granted on nothing.
    // Source: "Actions, resources, and condition keys for Amazon DynamoDB", Service Authorization Reference.
    service.allow(['dynamodb:ListStreams'], ['*']);
    acknowledge(
      service.role,
      'AwsSolutions-IAM5[Resource::*]',
      'The mapping needs dynamodb:ListStreams, which IAM grants on all resources or on none; it names streams and reads nothing.',
    );
    this.mapping = new EventSourceMapping(this, 'Mapping', {
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
      // Only these say that a batch was given up; the alarm on it reads them.
      ...(props.config.monitoring === 'on' && { metricsConfig: { metrics: [MetricType.EVENT_COUNT] } }),
      onFailure: failedBatches,
      supportS3OnFailureDestination: true,
    });
  }

  #fanOutFunction({ config, eventsTable, connectionsTable, push }: FanOutProps): ServiceFunction {
    const service = new ServiceFunction(this, 'Fanout', {
      name: 'fanout',
      description: 'Appends the changes of tasks to the log of their workspace.',
      config,
      timeoutSeconds: 60,
      reservedConcurrency: config.reservedConcurrency,
      environment: functionEnvironment(fanOutEnvironment, config, {
        EVENTS_TABLE: eventsTable.tableName,
        CONNECTIONS_TABLE: connectionsTable.tableName,
        PUSH_FUNCTION: push.function.functionName,
      }),
    });
    // A transaction is authorized as what it contains: the put of a segment, the update of the head.
    service.allow(
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      [eventsTable.tableArn],
    );
    // Whether somebody has subscribed.
    service.allow(['dynamodb:Query'], [connectionsTable.tableArn]);
    service.allow(['lambda:InvokeFunction'], [push.function.functionArn]);
    return service;
  }
}
