import { CfnOutput } from 'aws-cdk-lib';
import type { IOrigin } from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import type { Function, FunctionUrl, FunctionUrlCorsOptions } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { streamEnvironment } from '../../lambdas/stream/environment.ts';
import { functionEnvironment } from './function-environment.ts';
import { ServiceFunction } from './service-function.ts';
import type { StreamEndpoint, StreamEndpointProps, StreamOriginProps } from './stream-endpoint.ts';
import { corsFor, requestSeconds } from './stream-endpoint.ts';
import { allowStreams } from './stream-rights.ts';

/**
 * The URL of a function that streams the events, an environment for each stream. Without the edge the URL itself asks for
 * nothing, and a browser's EventSource opens it; with the edge it takes only what the edge has signed.
 */
export class StreamUrl extends Construct implements StreamEndpoint {
  readonly function: Function;
  readonly cors: FunctionUrlCorsOptions | undefined;
  readonly #url: FunctionUrl;

  constructor(scope: Construct, id: string, props: StreamEndpointProps) {
    super(scope, id);
    this.function = this.#streamFunction(props).function;
    const behindEdge = props.config.edge === 'on';
    this.cors = corsFor(props.allowedOrigins);
    this.#url = this.function.addFunctionUrl({
      authType: behindEdge ? FunctionUrlAuthType.AWS_IAM : FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
      ...(this.cors !== undefined && { cors: this.cors }),
    });
    if (!behindEdge) new CfnOutput(this, 'StreamUrl', { value: this.address }).overrideLogicalId('StreamUrl');
  }

  get logGroup(): ILogGroup {
    return this.function.logGroup;
  }

  get address(): string {
    return this.#url.url;
  }

  origin(props: StreamOriginProps): IOrigin {
    return FunctionUrlOrigin.withOriginAccessControl(this.#url, props);
  }

  #streamFunction(props: StreamEndpointProps): ServiceFunction {
    const { config, identity, tasksTable, eventsTable, connectionsTable, sockets } = props;
    const service = new ServiceFunction(this, 'Stream', {
      name: 'stream',
      description: 'Sends the events of a workspace to one client as Server-Sent Events.',
      config,
      timeoutSeconds: requestSeconds(config),
      reservedConcurrency: config.streamConcurrency,
      environment: functionEnvironment(streamEnvironment, config, {
        ...identity.environment,
        EVENTS_TABLE: eventsTable.tableName,
        CONNECTIONS_TABLE: connectionsTable.tableName,
        TASKS_TABLE: tasksTable.tableName,
        SOCKETS_ENDPOINT: sockets.endpoint,
      }),
    });
    allowStreams(service, props, sockets);
    return service;
  }
}
