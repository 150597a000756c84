import { CfnElement, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { DlqDestinationConfig, IEventSourceDlq } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge.ts';
import { removalPolicyOnceCreated } from './data-protection.ts';
import type { ServiceFunction } from '../functions/service-function.ts';
import type { StageConfig } from '../config/stage-schema.ts';

/**
 * Where the records go that the fan-out could not append until they were too old. S3, because only there Lambda
 * keeps the records themselves; a queue gets no more than their place in the stream.
 */
export class FailedBatches extends Construct implements IEventSourceDlq {
  readonly #bucket: Bucket;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.#bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        { expiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: removalPolicyOnceCreated(config),
    });
    new CfnOutput(this, 'FailedBatchesBucket', { value: this.#bucket.bucketName }).overrideLogicalId(
      'FailedBatchesBucket',
    );
    acknowledge(
      this.#bucket,
      'AwsSolutions-S1',
      'Only Lambda writes here, rarely, and each write is a failure that the metrics of the mapping show.',
    );
  }

  /** Lets the mapping write here; it does so with the role of the function. */
  allowWritesBy(service: ServiceFunction): void {
    // The two actions that the Lambda developer guide asks for, and the prefix of the names it describes.
    service.allow(['s3:PutObject'], [this.#bucket.arnForObjects('aws/lambda/*')]);
    service.allow(['s3:ListBucket'], [this.#bucket.bucketArn]);
    const { defaultChild } = this.#bucket.node;
    if (!CfnElement.isCfnElement(defaultChild))
      throw new TypeError('the bucket has no CloudFormation resource');
    acknowledge(
      service.role,
      `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(defaultChild)}.Arn>/aws/lambda/*]`,
      'Lambda names the objects itself, by mapping, shard and time, under this prefix.',
    );
  }

  /** Gives the destination for an event source mapping. */
  bind(): DlqDestinationConfig {
    return { destination: this.#bucket.bucketArn };
  }
}
