import { CfnOutput, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import type { StageOptions } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroupLogDestination, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { webSocketEnvironment } from '../../lambdas/websocket/environment.ts';
import { paths } from '../../protocol/routes.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import { removalPolicyOnceCreated } from '../data/data-protection.ts';
import type { Identity } from '../identity/identity.ts';
import { acknowledge, acknowledgeWildcard } from '../operations/acknowledge.ts';
import { functionEnvironment } from './function-environment.ts';
import { ServiceFunction } from './service-function.ts';
import type { ServiceRole } from './service-role.ts';
import { allowSubscribing } from './subscriber-rights.ts';

export interface SocketAnswersProps {
  readonly config: StageConfig;
  /** Pushes to the connections. */
  readonly pushFunction: Function;
  readonly identity: Identity;
  readonly tasksTable: TableV2;
  readonly eventsTable: TableV2;
  readonly connectionsTable: TableV2;
}

/** As long as API Gateway waits for a function. Source: "Quotas for WebSocket APIs", API Gateway developer guide. */
const answerSeconds = 29;

/**
 * All routes that there are: what a message asks for is the function's own affair, which answers what it does not know.
 * Source: "Create routes for WebSocket APIs", API Gateway developer guide.
 */
const routeKeys = ['$connect', '$disconnect', '$default'] as const;

/**
 * What a function does with a connection: POST sends to it, DELETE ends it.
 * Source: "Control access to WebSocket APIs with AWS IAM", API Gateway developer guide.
 */
const managementMethods = ['POST', 'DELETE'] as const;

/** What an access log line holds. No query string and no header, because both can carry a token, and no message. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTime',
    sourceIp: '$context.identity.sourceIp',
    event: '$context.eventType',
    route: '$context.routeKey',
    connectionId: '$context.connectionId',
    status: '$context.status',
    integrationLatencyMs: '$context.integrationLatency',
    integrationError: '$context.integrationErrorMessage',
  }),
);

/**
 * The WebSocket API. Its stage is named as the path, so that it is reached at `/ws` with the edge and without it
 * (docs/decisions/0031-the-stage-is-the-path.md). The function verifies the token, as all others do.
 */
export class TaskSockets extends Construct {
  readonly api: WebSocketApi;
  /** Address of the stage, for what is done with open connections. */
  readonly endpoint: string;
  readonly #stageName: string;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.api = new WebSocketApi(this, 'Api', {
      apiName: `Taskwire-${config.name}-sockets`,
      routeSelectionExpression: '$request.body.action',
    });
    const stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName: paths.webSocket.slice(1),
      autoDeploy: true,
      throttle: { rateLimit: config.throttleRate, burstLimit: config.throttleBurst },
      ...this.#accessLog(config),
    });
    this.endpoint = stage.callbackUrl;
    // What `npm run connections` must know of a deployed stage.
    new CfnOutput(this, 'SocketsEndpoint', { value: this.endpoint }).overrideLogicalId('SocketsEndpoint');
    this.#stageName = stage.stageName;
    acknowledge(
      this,
      'AwsSolutions-APIG4',
      'The function verifies the token itself, by the module of API and stream; messages come on the connection that it let in.',
    );
    if (config.edge === 'off')
      new CfnOutput(this, 'WebSocketUrl', { value: stage.url }).overrideLogicalId('WebSocketUrl');
  }

  /** Adds the function that answers. It hands on to the one that pushes, which needs this API's address. */
  addAnswers(props: SocketAnswersProps): Function {
    const service = this.#socketFunction(props);
    for (const routeKey of routeKeys) {
      // One integration each, since each gets the permission of the route that it is made for.
      const integration = new WebSocketLambdaIntegration(`To${routeKey.slice(1)}`, service.function);
      this.api.addRoute(routeKey, { integration });
    }
    return service.function;
  }

  #socketFunction({
    config,
    identity,
    tasksTable,
    eventsTable,
    connectionsTable,
    pushFunction,
  }: SocketAnswersProps): ServiceFunction {
    const service = new ServiceFunction(this, 'Websocket', {
      name: 'websocket',
      description: 'Lets WebSockets in and answers what they send.',
      config,
      timeoutSeconds: answerSeconds,
      reservedConcurrency: config.reservedConcurrency,
      environment: functionEnvironment(webSocketEnvironment, config, {
        ...identity.environment,
        EVENTS_TABLE: eventsTable.tableName,
        CONNECTIONS_TABLE: connectionsTable.tableName,
        TASKS_TABLE: tasksTable.tableName,
        SOCKETS_ENDPOINT: this.endpoint,
        PUSH_FUNCTION: pushFunction.functionName,
      }),
    });
    allowSubscribing(service, { tasksTable, eventsTable, connectionsTable });
    service.allow(['lambda:InvokeFunction'], [pushFunction.functionArn]);
    this.allowManagement(service);
    return service;
  }

  /** Lets a function send to the connections of this API's stage and end them; CDK's own grant is for POST only. */
  allowManagement(service: Pick<ServiceRole, 'allow' | 'role'>): void {
    const arns = managementMethods.map((method) =>
      Stack.of(this).formatArn({
        service: 'execute-api',
        resource: this.api.apiId,
        resourceName: `${this.#stageName}/${method}/@connections/*`,
      }),
    );
    service.allow(['execute-api:ManageConnections'], arns);
    for (const arn of arns) {
      acknowledgeWildcard(
        service.role,
        arn,
        'Which connections there are is known only as they come; the grant is for those of this stage of this API.',
      );
    }
  }

  #accessLog(config: StageConfig): Pick<StageOptions, 'accessLogSettings'> {
    if (!config.socketAccessLogs) {
      acknowledge(
        this,
        'AwsSolutions-APIG1',
        'API Gateway writes it with a role of the account, which a stack of one stage should not set; the setting socketAccessLogs adds it.',
      );
      return {};
    }
    const group = new LogGroup(this, 'AccessLog', {
      retention: config.logRetentionDays,
      removalPolicy: removalPolicyOnceCreated(config),
    });
    return {
      accessLogSettings: { destination: new LogGroupLogDestination(group), format: accessLogFormat },
    };
  }
}
