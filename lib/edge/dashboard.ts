import { CfnElement, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IOrigin } from 'aws-cdk-lib/aws-cloudfront';
import { AccessLevel } from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeUploads } from '../operations/acknowledge.ts';
import { dashboardBundle } from './dashboard-bundle.ts';
import { removalPolicyOnceCreated } from '../data/data-protection.ts';
import { pageSettings } from '../identity/page-sign-in.ts';
import type { PageSignIn } from '../identity/page-sign-in.ts';
import type { StageConfig } from '../config/stage-schema.ts';

/** Name of the file with what differs between stages. */
const settingsFile = 'config.json';

export interface DashboardProps {
  readonly config: StageConfig;
  readonly signIn: PageSignIn;
}

/** The page at `/`, in a private bucket that the deploy fills and only the edge reads. */
export class Dashboard extends Construct {
  readonly origin: IOrigin;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      // It holds nothing that the next deploy does not bring.
      removalPolicy: RemovalPolicy.DESTROY,
      // The class gives its optional members as possibly undefined, not as possibly absent.
    }) as IBucket;
    acknowledge(
      bucket,
      'AwsSolutions-S1',
      'It holds a public page, and the access logs of the edge show who got it.',
    );
    // With the right to list, S3 answers 404 for a file that is not there; without, 403.
    this.origin = S3BucketOrigin.withOriginAccessControl(bucket, {
      originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
    });
    acknowledge(
      scope,
      'Annotation::@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk',
      'The distribution has a default root object, so that no address gives the list; its files are public anyway.',
    );
    this.#upload(bucket, props);
  }

  #upload(bucket: IBucket, { config, signIn }: DashboardProps): void {
    const logGroup = new LogGroup(this, 'UploadLogs', {
      retention: config.logRetentionDays,
      removalPolicy: removalPolicyOnceCreated(config),
    });
    // Not the managed AWSLambdaBasicExecutionRole, which may create and write any log group of the account.
    const role = new Role(this, 'UploadRole', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    const options = { destinationBucket: bucket, memoryLimit: 256, role, logGroup };
    new BucketDeployment(this, 'Upload', {
      ...options,
      sources: [dashboardBundle()],
      retainOnDelete: false,
      // With CloudFront's least time of a second a new page is there at once, and no cache has to be emptied.
      cacheControl: [CacheControl.noCache()],
      // It comes by itself, and what does not come with this upload is removed.
      exclude: [settingsFile],
    });
    new BucketDeployment(this, 'UploadSettings', {
      ...options,
      sources: [Source.jsonData(settingsFile, pageSettings(signIn, config))],
      cacheControl: [CacheControl.noStore()],
      prune: false,
      // What goes with an upload is the whole bucket, and a roll back to a version without this one would take the page.
      retainOnDelete: true,
    });
    this.#acknowledgeUpload(bucket, role, config);
  }

  /** What the custom resource of CDK that uploads the page brings with it. */
  #acknowledgeUpload(bucket: IBucket, role: Role, config: StageConfig): void {
    const { defaultChild } = bucket.node;
    if (!CfnElement.isCfnElement(defaultChild))
      throw new TypeError('the bucket has no CloudFormation resource');
    const wildcards = [
      'Action::s3:GetBucket*',
      'Action::s3:GetObject*',
      'Action::s3:List*',
      'Action::s3:Abort*',
      'Action::s3:DeleteObject*',
      `Resource::<${Stack.of(this).getLogicalId(defaultChild)}.Arn>/*`,
    ];
    const reason =
      'CDK writes these grants for its upload: it reads the bucket of the deploy and fills that of the page, no other.';
    for (const wildcard of wildcards) acknowledge(role, `AwsSolutions-IAM5[${wildcard}]`, reason);
    acknowledgeUploads(role, config, reason);
    const upload = Stack.of(this).node.children.find(({ node }) =>
      node.id.startsWith('Custom::CDKBucketDeployment'),
    );
    if (upload === undefined) throw new TypeError('the stack has no function that uploads the page');
    acknowledge(
      upload,
      'AwsSolutions-L1',
      'The version of CDK in use decides on the runtime of its own function.',
    );
  }
}
