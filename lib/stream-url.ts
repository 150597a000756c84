import { CfnOutput, Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { FunctionUrlAuthType, HttpMethod, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Identity } from './identity.ts';
import { ServiceFunction } from './service-function.ts';
import type { StageConfig } from './stage-config.ts';

export interface StreamUrlProps {
  readonly config: StageConfig;
  readonly identity: Identity;
  readonly allowedOrigins: readonly string[];
  readonly eventsTable: TableV2;
  readonly connectionsTable: TableV2;
}

/** What a session may need after its planned end: a last frame, a slow reader, the removal of its item. */
const endSeconds = 30;

/** The URL that a browser's EventSource opens. The function verifies the token; the URL itself asks for none. */
export class StreamUrl extends Construct {
  constructor(scope: Construct, id: string, props: StreamUrlProps) {
    super(scope, id);
    const { config } = props;
    const service = new ServiceFunction(this, 'Stream', {
      name: 'stream',
      description: 'Sends the events of a workspace to one client as Server-Sent Events.',
      config,
      memorySize: 256,
      timeoutSeconds: config.sessionSeconds + endSeconds,
      environment: {
        ...props.identity.environment,
        EVENTS_TABLE: props.eventsTable.tableName,
        CONNECTIONS_TABLE: props.connectionsTable.tableName,
        SESSION_SECONDS: String(config.sessionSeconds),
        HEARTBEAT_SECONDS: String(config.heartbeatSeconds),
        POLL_MIN_MS: String(config.pollMinMs),
        POLL_MAX_MS: String(config.pollMaxMs),
        PADDING_BYTES: String(config.paddingBytes),
        RETRY_MIN_MS: String(config.retryMinMs),
        RETRY_MAX_MS: String(config.retryMaxMs),
      },
    });
    service.allow(['dynamodb:GetItem', 'dynamodb:Query'], [props.eventsTable.tableArn]);
    service.allow(['dynamodb:PutItem', 'dynamodb:DeleteItem'], [props.connectionsTable.tableArn]);
    const url = service.function.addFunctionUrl({
      authType: FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
      cors: {
        allowedOrigins: [...props.allowedOrigins],
        // A Function URL answers preflights itself; OPTIONS is not in its list of methods.
        allowedMethods: [HttpMethod.GET],
        allowedHeaders: ['authorization', 'cache-control', 'last-event-id'],
        maxAge: Duration.hours(1),
      },
    });
    new CfnOutput(this, 'StreamUrl', { value: url.url }).overrideLogicalId('StreamUrl');
  }
}
