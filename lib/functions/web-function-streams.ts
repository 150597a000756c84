import { CfnElement, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { FunctionUrlOriginAccessControl, Signing } from 'aws-cdk-lib/aws-cloudfront';
import type { IOrigin, OriginBindConfig, OriginBindOptions } from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnWebFunctionEndpoint, FunctionUrlCorsOptions } from 'aws-cdk-lib/aws-lambda';
import { WebFunction, WebFunctionAuthType, WebFunctionRuntime } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { mostStreams } from '../config/host-combinations.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import { acknowledge, acknowledgeUploads } from '../operations/acknowledge.ts';
import { streamHostBundle } from './function-bundle.ts';
import { hostEnvironment } from './host-environment.ts';
import { ServiceRole } from './service-role.ts';
import type { StreamEndpoint, StreamEndpointProps, StreamOriginProps } from './stream-endpoint.ts';
import { corsFor, requestSeconds } from './stream-endpoint.ts';
import { allowStreams } from './stream-rights.ts';

/** What an environment has. Source: "Lambda quotas", Lambda developer guide, November 2026. */
const environmentMegabytes = 2048;

/** The least that AWS takes. Source: `ScalingConfig`, Lambda Web API reference. */
const leastEnvironments = 2;

/**
 * The streams in a Lambda Web Function: many to an environment, which is billed for the memory and the processor time that it
 * uses. Without the edge its endpoint asks for nothing; with the edge it takes only what the edge has signed.
 */
export class WebFunctionStreams extends Construct implements StreamEndpoint {
  readonly cors: FunctionUrlCorsOptions | undefined;
  readonly logGroup: ILogGroup;
  readonly #web: WebFunction;

  constructor(scope: Construct, id: string, props: StreamEndpointProps) {
    super(scope, id);
    const { config, allowedOrigins } = props;
    const behindEdge = config.edge === 'on';
    this.cors = corsFor(allowedOrigins);
    const service = new ServiceRole(this, config, 'lambda.amazonaws.com');
    this.logGroup = service.logGroup;
    allowStreams(service, props, props.sockets);
    this.#web = new WebFunction(this, 'Stream', {
      revisionDescription: 'Sends the events of workspaces to their clients as Server-Sent Events.',
      code: streamHostBundle(),
      entryPoint: 'index.mjs',
      runtime: WebFunctionRuntime.NODEJS_24_X,
      role: service.role,
      logGroup: service.logGroup,
      timeout: Duration.seconds(requestSeconds(config)),
      maxConcurrencyPerEnvironment: mostStreams(config),
      // It has a second to end after SIGTERM, and is told where to take requests.
      environment: hostEnvironment(props, {
        megabytes: environmentMegabytes,
        stopSeconds: 1,
        endpoint: undefined,
      }),
      defaultEndpointAuth: behindEdge
        ? WebFunctionAuthType.IAM_AUTH
        : WebFunctionAuthType.APPLICATION_MANAGED,
      defaultEndpoint: {
        ...(config.streamConcurrency !== undefined && {
          maxEnvironments: Math.max(
            leastEnvironments,
            Math.ceil(config.streamConcurrency / mostStreams(config)),
          ),
        }),
      },
    });
    this.#nameByName();
    this.#acknowledgeFindings(config);
    // Its first requests come as soon as it is there: it may do what it must by then.
    this.#web.resourceRevision.node.addDependency(service.role);
    if (!behindEdge) new CfnOutput(this, 'StreamUrl', { value: this.address }).overrideLogicalId('StreamUrl');
  }

  /**
   * The L2 names the function by its ARN, with which the attributes of revision and endpoint are reported not to be readable,
   * so that the deploy fails and cannot be rolled back.
   * Source: aws/agent-toolkit-for-aws, `infrastructure-as-code.md` of its skill for Web Functions, November 2026.
   */
  #nameByName(): void {
    const { webFunctionName } = this.#web;
    this.#web.resourceRevision.functionName = webFunctionName;
    const endpoint = this.#web.endpoint.node.defaultChild as CfnWebFunctionEndpoint;
    endpoint.functionName = webFunctionName;
  }

  /** What the L2 brings with it: a bucket for the code, a function that fills it, and a warning where anybody may call. */
  #acknowledgeFindings(config: StageConfig): void {
    const { children } = Stack.of(this).node;
    const bucket = children.find(({ node }) => node.id === 'AWSCDKWebFunctionAssetBucket');
    const copy = children.find(({ node }) => node.id.startsWith('Custom::S3ObjectCopy'));
    if (bucket === undefined || copy === undefined) throw new TypeError('the code has no bucket, or no copy');
    const { defaultChild } = bucket.node;
    if (!CfnElement.isCfnElement(defaultChild))
      throw new TypeError('the bucket has no CloudFormation resource');
    acknowledge(bucket, 'AwsSolutions-S1', 'It holds the code of the program, which only a deploy writes.');
    acknowledge(
      copy,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      'CDK gives the role to its own function, which runs in deploys alone.',
    );
    const reason =
      'CDK writes these grants for its copy: it reads the bucket of the deploy and fills that of the code, no other.';
    const code = `Resource::<${Stack.of(this).getLogicalId(defaultChild)}.Arn>/web-function/*`;
    for (const wildcard of ['Action::s3:Abort*', 'Action::s3:DeleteObject*', code])
      acknowledge(copy, `AwsSolutions-IAM5[${wildcard}]`, reason);
    acknowledgeUploads(copy, config, reason);
    if (config.edge === 'off')
      acknowledge(
        this.#web.endpoint,
        'Annotation::@aws-cdk/aws-lambda:webFunctionPublicEndpoint',
        'Browsers open streams without a signature; the program verifies the token of every request.',
      );
  }

  get address(): string {
    return `https://${this.#web.endpoint.domainName}/`;
  }

  origin(props: StreamOriginProps): IOrigin {
    return new WebFunctionOrigin(this, this.#web, props);
  }
}

/** The endpoint of a Web Function as an origin, whose requests the edge signs. */
class WebFunctionOrigin extends HttpOrigin {
  readonly #web: WebFunction;

  constructor(scope: Construct, web: WebFunction, props: StreamOriginProps) {
    const access = new FunctionUrlOriginAccessControl(scope, 'AccessControl', {
      signing: Signing.SIGV4_ALWAYS,
    });
    super(web.endpoint.domainName, { ...props, originAccessControlId: access.originAccessControlId });
    this.#web = web;
  }

  override bind(scope: Construct, options: OriginBindOptions): OriginBindConfig {
    const stack = Stack.of(scope);
    this.#web.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
        actions: ['lambda:InvokeWebFunctionEndpoint'],
        resources: [this.#web.endpoint.endpointArn],
        conditions: {
          StringEquals: {
            'aws:SourceArn': stack.formatArn({
              service: 'cloudfront',
              region: '',
              resource: 'distribution',
              resourceName: options.distributionId ?? '',
            }),
          },
        },
      }),
    );
    return super.bind(scope, options);
  }
}
