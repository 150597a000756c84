import { Aws, CfnOutput, Duration } from 'aws-cdk-lib';
import type { HttpApi, IApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  FunctionEventType,
  HttpVersion,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import type { AddBehaviorOptions, BehaviorOptions, DistributionProps } from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { HttpOriginProps } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import { paths, streamsPrefix } from '../../protocol/routes.ts';
import { acknowledge } from '../operations/acknowledge.ts';
import { Dashboard } from './dashboard.ts';
import { EdgeAccessLog } from './access-log.ts';
import { EdgeFirewall } from './firewall.ts';
import type { Identity } from '../identity/identity.ts';
import { answerHeaders, forwardedHandshake, forwardedRequest, pageHeaders } from './policies.ts';
import { askedEndpoints } from '../identity/page-sign-in.ts';
import { SignInReturn, signInReturnUrl } from '../identity/sign-in-return.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import type { StreamEndpoint } from '../functions/stream-endpoint.ts';
import type { TaskSockets } from '../functions/web-socket-api.ts';
import { streamPaths, viewerRequest } from './viewer-request.ts';

export interface EdgeProps {
  readonly config: StageConfig;
  readonly identity: Identity;
  readonly api: HttpApi;
  /** What goes before each path for the edge to come by its own stage of the API. */
  readonly apiPath: string;
  /** The streams, whose endpoint takes signed requests only. */
  readonly stream: StreamEndpoint;
  readonly sockets: TaskSockets;
}

/** The errors that CloudFront caches. Source: "HTTP 4xx and 5xx status codes that CloudFront caches", developer guide. */
const cachedErrors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/**
 * One origin for dashboard, API, stream and WebSocket, over HTTP/2 and 3: a browser opens no more than six HTTP/1.1 streams.
 *
 * Only `/sse/connect` goes to the Function URL. The rest of `/sse/` goes to the HTTP API: behind origin access control a
 * body needs a hash in a header, which a page that is being closed cannot send, and a stream function without room for
 * another stream must not stand in the way of a disconnect.
 */
export class Edge extends Construct {
  /** The one address of everything, without a slash at its end. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    const { config, identity, api } = props;
    const signIn = identity.admitPage(
      config.domain === undefined ? signInReturnUrl(api) : `https://${config.domain}/`,
    );
    const dashboard = new Dashboard(this, 'Dashboard', { config, signIn });
    const firewall =
      config.requestsPerAddress === undefined
        ? undefined
        : new EdgeFirewall(this, 'Firewall', config.requestsPerAddress);
    const distribution = new Distribution(this, 'Distribution', {
      comment: `Taskwire (${config.name})`,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultRootObject: 'index.html',
      defaultBehavior: {
        origin: dashboard.origin,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: pageHeaders(this, 'PageHeaders', askedEndpoints(signIn)),
      },
      additionalBehaviors: this.#answerBehaviors(props),
      // Else the error of one user would answer another for ten seconds.
      errorResponses: cachedErrors.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      ...this.#domainOptions(config),
      ...(firewall !== undefined && { webAclId: firewall.arn }),
    });
    this.#acknowledgeFindings(distribution, config);
    if (config.accessLogs) new EdgeAccessLog(this, 'AccessLog', { config, distribution });
    const url = `https://${config.domain ?? distribution.distributionDomainName}`;
    this.url = url;
    if (config.identity.kind === 'cognito' && config.domain === undefined) {
      new SignInReturn(this, 'SignInReturn', { config, api, pageUrl: `${url}/` });
    }
    new CfnOutput(this, 'Url', { value: url }).overrideLogicalId('Url');
    // What the DNS record of a domain points to.
    new CfnOutput(this, 'DistributionDomainName', {
      value: distribution.distributionDomainName,
    }).overrideLogicalId('DistributionDomainName');
  }

  /** The behaviors of API, stream and WebSocket by their path; CloudFront takes the first that matches. */
  #answerBehaviors({ api, apiPath, stream, sockets }: EdgeProps): Record<string, BehaviorOptions> {
    const options: AddBehaviorOptions = {
      // A redirect would come after the token has gone over the wire.
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      // With the `no-store` of every answer it also keeps CloudFront from collapsing requests, where one waits for the
      // answer to another. Source: "Simultaneous requests for the same object", Amazon CloudFront developer guide.
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: forwardedRequest(this, 'ForwardedRequest'),
      responseHeadersPolicy: answerHeaders(this, 'AnswerHeaders'),
      functionAssociations: [
        {
          eventType: FunctionEventType.VIEWER_REQUEST,
          function: viewerRequest(this, 'ViewerRequest', stream.cors),
        },
      ],
      // Compression gathers bytes, and events must not wait.
      compress: false,
    };
    const toStream: BehaviorOptions = {
      ...options,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
      origin: stream.origin({
        // Twice the time between two pings, and the longest pause of a stream.
        readTimeout: Duration.seconds(30),
        keepaliveTimeout: Duration.seconds(60),
        // CloudFront sends a GET again whose answer does not begin in time, 3 times in all unless told, and each is a
        // stream that is opened and billed; the client comes back by itself.
        // Source: "Response timeout", "Connection attempts", Amazon CloudFront developer guide.
        connectionAttempts: 1,
      }),
    };
    const toApi: BehaviorOptions = {
      ...options,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      // Here CloudFront may try again: it does so with reads only, never with POST, PATCH or DELETE.
      origin: apiOrigin(api, { originPath: apiPath }),
    };
    return {
      ...Object.fromEntries(streamPaths.map((path) => [path, toStream])),
      [`${streamsPrefix}*`]: toApi,
      [paths.tasks]: toApi,
      [`${paths.tasks}/*`]: toApi,
      [paths.events]: toApi,
      [`${paths.events}/`]: toApi,
      [paths.presence]: toApi,
      [`${paths.presence}/`]: toApi,
      // The path is the stage, so the origin has none. What is below it, the endpoint that manages connections, is not here.
      [paths.webSocket]: {
        ...options,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        originRequestPolicy: forwardedHandshake(this, 'ForwardedHandshake'),
        origin: apiOrigin(sockets.api),
      },
    };
  }

  /** With a name of its own the edge may ask for a newer TLS than CloudFront's own certificate does. */
  #domainOptions({
    domain,
    certificateArn,
  }: StageConfig): Pick<DistributionProps, 'domainNames' | 'certificate' | 'minimumProtocolVersion'> {
    if (domain === undefined || certificateArn === undefined) return {};
    return {
      domainNames: [domain],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    };
  }

  #acknowledgeFindings(distribution: Distribution, config: StageConfig): void {
    acknowledge(distribution, 'AwsSolutions-CFR1', 'The service is for its users wherever they are.');
    acknowledge(
      distribution,
      'AwsSolutions-CFR3',
      'The rule knows the older access logs only, which hold query strings, and so tokens. The logs kept here do not.',
    );
    if (config.requestsPerAddress === undefined) {
      acknowledge(
        distribution,
        'AwsSolutions-CFR2',
        'A firewall costs from the first day; the setting requestsPerAddress adds one.',
      );
    }
    if (config.domain === undefined) {
      acknowledge(
        distribution,
        'AwsSolutions-CFR4',
        "The least TLS version of CloudFront's own certificate cannot be chosen; a domain with a certificate can.",
      );
    }
  }
}

/** An API under its own name, which knows it by its `Host`. */
function apiOrigin({ apiId }: IApi, options: Pick<HttpOriginProps, 'originPath'> = {}): HttpOrigin {
  return new HttpOrigin(`${apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`, {
    ...options,
    readTimeout: Duration.seconds(30),
    keepaliveTimeout: Duration.seconds(60),
  });
}
