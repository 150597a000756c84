import { CfnOutput, Duration } from 'aws-cdk-lib';
import { CorsHttpMethod, HttpApi, HttpMethod, HttpRoute, HttpRouteKey } from 'aws-cdk-lib/aws-apigatewayv2';
import type { CorsPreflightOptions } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { connectionsEnvironment } from '../../lambdas/connections/environment.ts';
import { tasksEnvironment } from '../../lambdas/tasks/environment.ts';
import {
  correlationHeader,
  idempotencyKeyHeader,
  idempotencyReplayedHeader,
  ifMatchHeader,
} from '../../protocol/headers.ts';
import type { Routes } from '../../protocol/routes.ts';
import { awarenessRoutes, connectionRoutes, streamsPrefix, taskRoutes } from '../../protocol/routes.ts';
import { acknowledge } from '../operations/acknowledge.ts';
import type { Identity } from '../identity/identity.ts';
import { addApiStages } from './api-stages.ts';
import { functionEnvironment } from './function-environment.ts';
import type { Push } from './push.ts';
import { ServiceFunction } from './service-function.ts';
import type { TaskSockets } from './web-socket-api.ts';
import type { StageConfig } from '../config/stage-schema.ts';

export interface TasksApiProps {
  readonly config: StageConfig;
  readonly identity: Identity;
  readonly allowedOrigins: readonly string[];
  readonly tasksTable: TableV2;
  readonly eventsTable: TableV2;
  readonly connectionsTable: TableV2;
  readonly sockets: TaskSockets;
  readonly push: Push;
}

/**
 * How long a function may take to answer, seconds: the API itself waits for 30, and a table that is throttled is asked
 * again for many. Source: "Quotas", API Gateway developer guide.
 */
const answerSeconds = 29;

/**
 * The HTTP API: tasks, and the statistics of the open streams. Each function verifies the token itself, so that the
 * API's own address may stay reachable when the edge is on: it lets nobody do more.
 */
export class TasksApi extends Construct {
  readonly api: HttpApi;
  /** Those behind the API. */
  readonly functions: readonly Function[];
  /** What the edge puts before each path to come by its own stage; empty without the edge. */
  readonly edgePath: string;

  constructor(scope: Construct, id: string, props: TasksApiProps) {
    super(scope, id);
    const tasks = this.#tasksFunction(props);
    const connections = this.#connectionsFunction(props);
    this.functions = [tasks.function, connections.function];
    this.api = new HttpApi(this, 'HttpApi', {
      apiName: `Taskwire-${props.config.name}`,
      createDefaultStage: false,
      ...(props.allowedOrigins.length > 0 && { corsPreflight: corsFor(props.allowedOrigins) }),
    });
    acknowledge(
      this,
      'AwsSolutions-APIG4',
      'Every function verifies the token itself, by one module for API and stream; an authorizer would be a second reading of it with other errors.',
    );
    this.#addRoutes(this.api, tasks, connections);
    this.edgePath = addApiStages(this, this.api, props.config);
    new CfnOutput(this, 'ApiUrl', { value: this.api.apiEndpoint }).overrideLogicalId('ApiUrl');
  }

  #tasksFunction({
    config,
    identity,
    tasksTable,
    eventsTable,
    connectionsTable,
    push,
  }: TasksApiProps): ServiceFunction {
    const service = new ServiceFunction(this, 'Tasks', {
      name: 'tasks',
      description: 'Reads and writes the tasks of a workspace, and tells their past and who is there.',
      config,
      timeoutSeconds: answerSeconds,
      reservedConcurrency: config.reservedConcurrency,
      environment: functionEnvironment(tasksEnvironment, config, {
        ...identity.environment,
        TASKS_TABLE: tasksTable.tableName,
        CONNECTIONS_TABLE: connectionsTable.tableName,
        EVENTS_TABLE: eventsTable.tableName,
        PUSH_FUNCTION: push.function.functionName,
      }),
    });
    // A transaction is authorized as the puts and updates that it contains.
    service.allow(
      [
        'dynamodb:GetItem',
        // What of the past may still be told.
        'dynamodb:BatchGetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:Query',
      ],
      [tasksTable.tableArn],
    );
    service.allow(
      [
        // Who is there, and whether anybody is pushed to.
        'dynamodb:Query',
        // Whether the caller's rights are revoked; who comes, types and goes.
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
      ],
      [connectionsTable.tableArn],
    );
    service.allow(['lambda:InvokeFunction'], [push.function.functionArn]);
    // The head of the log, which is made where there is none: from where a stream continues what a list tells, and what
    // cursors are sealed with. The query is for the past.
    service.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:Query'], [eventsTable.tableArn]);
    return service;
  }

  #connectionsFunction({ config, identity, connectionsTable, sockets }: TasksApiProps): ServiceFunction {
    const service = new ServiceFunction(this, 'Connections', {
      name: 'connections',
      description:
        'Gives tickets for streams, tells which are open, ends them, renews leases and revokes rights.',
      config,
      timeoutSeconds: answerSeconds,
      reservedConcurrency: config.reservedConcurrency,
      environment: functionEnvironment(connectionsEnvironment, config, {
        ...identity.environment,
        CONNECTIONS_TABLE: connectionsTable.tableName,
        SOCKETS_ENDPOINT: sockets.endpoint,
      }),
    });
    service.allow(
      [
        'dynamodb:Query',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        // A WebSocket that is ended leaves nothing behind.
        'dynamodb:DeleteItem',
      ],
      [connectionsTable.tableArn],
    );
    sockets.allowManagement(service);
    return service;
  }

  #addRoutes(api: HttpApi, tasks: ServiceFunction, connections: ServiceFunction): void {
    // One permission for all methods and paths and not one a route: whoever may reach one route may reach them all.
    const options = { scopePermissionToRoute: false };
    const toTasks = new HttpLambdaIntegration('Tasks', tasks.function, options);
    const toConnections = new HttpLambdaIntegration('Connections', connections.function, options);
    addRoutes(api, taskRoutes, toTasks);
    addRoutes(api, awarenessRoutes, toTasks);
    addRoutes(api, connectionRoutes, toConnections);
    // What is left under /sse, such as a path with a slash at its end, which API Gateway does not take for the same one.
    api.addRoutes({
      path: `${streamsPrefix}{proxy+}`,
      methods: [HttpMethod.ANY],
      integration: toConnections,
    });
    // Unknown paths and methods get the product's own error body, with its stable code, and preflights their answer.
    // API Gateway invokes as <stage>/$default here, which no permission for methods and paths covers: an integration
    // of its own gets its own. Source: aws/serverless-application-model, issue 1860.
    new HttpRoute(this, 'Fallback', {
      httpApi: api,
      routeKey: HttpRouteKey.DEFAULT,
      integration: new HttpLambdaIntegration('Fallback', tasks.function),
    });
  }
}

function addRoutes(api: HttpApi, routes: Routes, integration: HttpLambdaIntegration): void {
  for (const [path, methods] of Object.entries(routes)) {
    api.addRoutes({ path, methods: methods.map((method) => HttpMethod[method]), integration });
  }
}

function corsFor(allowedOrigins: readonly string[]): CorsPreflightOptions {
  return {
    allowOrigins: [...allowedOrigins],
    // For pages that send credentials along, as EventSource does where it is told to. There are none here that count.
    allowCredentials: true,
    allowMethods: [
      CorsHttpMethod.GET,
      CorsHttpMethod.POST,
      CorsHttpMethod.PATCH,
      CorsHttpMethod.DELETE,
      CorsHttpMethod.OPTIONS,
    ],
    allowHeaders: ['authorization', 'content-type', ifMatchHeader, idempotencyKeyHeader, correlationHeader],
    exposeHeaders: ['etag', 'location', idempotencyReplayedHeader, 'retry-after', correlationHeader],
    maxAge: Duration.hours(1),
  };
}
