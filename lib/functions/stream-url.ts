import { CfnOutput, Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { FunctionUrlAuthType, HttpMethod, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import type { Function, FunctionUrl, FunctionUrlCorsOptions } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { streamEnvironment } from '../../lambdas/stream/environment.ts';
import { errorsHeader, lastEventIdHeader } from '../../protocol/headers.ts';
import type { Identity } from '../identity/identity.ts';
import { functionEnvironment } from './function-environment.ts';
import { ServiceFunction } from './service-function.ts';
import type { TaskSockets } from './web-socket-api.ts';
import type { StageConfig } from '../config/stage-schema.ts';

export interface StreamUrlProps {
  readonly config: StageConfig;
  readonly identity: Identity;
  readonly allowedOrigins: readonly string[];
  readonly tasksTable: TableV2;
  readonly eventsTable: TableV2;
  readonly connectionsTable: TableV2;
  readonly sockets: TaskSockets;
}

/** What a session may need after its planned end: a last frame, a slow reader, the removal of its item. */
const endSeconds = 30;

/**
 * The URL that streams the events. The function verifies the token. Without the edge the URL itself asks for nothing,
 * and a browser's EventSource opens it; with the edge it takes only what the edge has signed.
 */
export class StreamUrl extends Construct {
  readonly function: Function;
  readonly url: FunctionUrl;
  /** What the URL adds to answers to pages of other origins; undefined where none is allowed. */
  readonly cors: FunctionUrlCorsOptions | undefined;

  constructor(scope: Construct, id: string, props: StreamUrlProps) {
    super(scope, id);
    const { config } = props;
    this.function = this.#streamFunction(props).function;
    const behindEdge = config.edge === 'on';
    this.cors = props.allowedOrigins.length > 0 ? corsFor(props.allowedOrigins) : undefined;
    this.url = this.function.addFunctionUrl({
      authType: behindEdge ? FunctionUrlAuthType.AWS_IAM : FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
      ...(this.cors !== undefined && { cors: this.cors }),
    });
    if (!behindEdge) new CfnOutput(this, 'StreamUrl', { value: this.url.url }).overrideLogicalId('StreamUrl');
  }

  #streamFunction(props: StreamUrlProps): ServiceFunction {
    const { config } = props;
    const service = new ServiceFunction(this, 'Stream', {
      name: 'stream',
      description: 'Sends the events of a workspace to one client as Server-Sent Events.',
      config,
      timeoutSeconds: config.sessionSeconds + endSeconds,
      reservedConcurrency: config.streamConcurrency,
      environment: functionEnvironment(streamEnvironment, config, {
        ...props.identity.environment,
        EVENTS_TABLE: props.eventsTable.tableName,
        CONNECTIONS_TABLE: props.connectionsTable.tableName,
        TASKS_TABLE: props.tasksTable.tableName,
        SOCKETS_ENDPOINT: props.sockets.endpoint,
      }),
    });
    // The update makes the head of a log, or its key: both are there before the first cursor.
    service.allow(
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      [props.eventsTable.tableArn],
    );
    // Of the past, and of who is there, tasks are told as far as they may be seen.
    service.allow(['dynamodb:BatchGetItem'], [props.tasksTable.tableArn]);
    service.allow(
      [
        'dynamodb:PutItem',
        'dynamodb:DeleteItem',
        // Asks the user's oldest stream when a limit is reached, counts, and notes that a drained stream ends early.
        'dynamodb:UpdateItem',
        'dynamodb:Query',
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
      ],
      [props.connectionsTable.tableArn],
    );
    // A stream may take the place of a WebSocket of the same user.
    props.sockets.allowManagement(service);
    return service;
  }
}

function corsFor(allowedOrigins: readonly string[]): FunctionUrlCorsOptions {
  return {
    allowedOrigins: [...allowedOrigins],
    // For `new EventSource(url, { withCredentials: true })`. There are no credentials here that a browser sends by itself.
    allowCredentials: true,
    // A Function URL answers preflights itself; OPTIONS is not in its list of methods.
    allowedMethods: [HttpMethod.GET],
    allowedHeaders: ['authorization', 'cache-control', lastEventIdHeader, errorsHeader],
    // Of an answer to whoever asked for its status.
    exposedHeaders: ['retry-after'],
    maxAge: Duration.hours(1),
  };
}
