import { Aws, Duration, Names } from 'aws-cdk-lib';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDelivery, CfnDeliveryDestination, CfnDeliverySource } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge.ts';
import { removalPolicyOnceCreated } from '../data/data-protection.ts';
import type { StageConfig } from '../config/stage-schema.ts';

export interface EdgeAccessLogProps {
  readonly config: StageConfig;
  readonly distribution: Distribution;
}

/**
 * The fields of a line. Neither the query nor the referrer, the cookies or any other header, because each can carry a
 * token. Source of the names: "Log file fields", Amazon CloudFront developer guide.
 */
const recordFields = [
  'date',
  'time',
  'x-edge-location',
  'c-ip',
  'cs-method',
  'cs-uri-stem',
  'sc-status',
  'sc-bytes',
  'time-taken',
  'time-to-first-byte',
  'x-edge-result-type',
  'x-edge-detailed-result-type',
  'x-edge-request-id',
  'cs-protocol-version',
  'ssl-protocol',
];

/**
 * The access logs of the edge as JSON lines in a bucket, by CloudFront's standard logging (v2). The older kind cannot
 * leave out the query.
 */
export class EdgeAccessLog extends Construct {
  constructor(scope: Construct, id: string, { config, distribution }: EdgeAccessLogProps) {
    super(scope, id);
    const bucket = this.#bucket(config);
    const source = new CfnDeliverySource(this, 'Source', {
      // Unique in the account, as CloudWatch Logs wants it, also with several stages in one; 60 characters at most.
      name: Names.uniqueResourceName(this, { maxLength: 60, separator: '-' }),
      logType: 'ACCESS_LOGS',
      resourceArn: distribution.distributionArn,
    });
    const destination = new CfnDeliveryDestination(this, 'Destination', {
      name: Names.uniqueResourceName(this, { maxLength: 60, separator: '-' }),
      destinationResourceArn: bucket.bucketArn,
      outputFormat: 'json',
    });
    // CloudWatch Logs looks at the bucket's policy, and S3 refuses one of two who write it at the same time (409).
    // Source: awslabs/nx-plugin-for-aws, pull request 1018.
    if (bucket.policy !== undefined) destination.node.addDependency(bucket.policy);
    const delivery = new CfnDelivery(this, 'Delivery', {
      deliverySourceName: source.name,
      deliveryDestinationArn: destination.attrArn,
      recordFields,
    });
    // It names the source by text, which CloudFormation does not see.
    delivery.addResourceDependency(source);
  }

  #bucket(config: StageConfig): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        {
          expiration: Duration.days(config.logRetentionDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: removalPolicyOnceCreated(config),
    });
    // Source: "Logs sent to Amazon S3" with V2 permissions, CloudWatch Logs user guide.
    bucket.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/*`)],
        conditions: {
          StringEquals: {
            's3:x-amz-acl': 'bucket-owner-full-control',
            'aws:SourceAccount': Aws.ACCOUNT_ID,
          },
          ArnLike: {
            'aws:SourceArn': `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:delivery-source:*`,
          },
        },
      }),
    );
    acknowledge(bucket, 'AwsSolutions-S1', 'It holds access logs itself, which only CloudFront writes.');
    return bucket;
  }
}
