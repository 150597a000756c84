import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { pushEnvironment } from '../../lambdas/push/environment.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import { functionEnvironment } from './function-environment.ts';
import { ServiceFunction } from './service-function.ts';
import type { TaskSockets } from './web-socket-api.ts';

export interface PushProps {
  readonly config: StageConfig;
  readonly eventsTable: TableV2;
  readonly connectionsTable: TableV2;
  readonly sockets: TaskSockets;
}

/** From the log of a workspace to the WebSockets of its subscribers. The fan-out orders it, and it orders its next page. */
export class Push extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, props: PushProps) {
    super(scope, id);
    const service = this.#pushFunction(props);
    this.function = service.function;
    // A push that comes late is worth nothing: its client has asked by then. So nothing is tried again.
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(60) });
    // Not in the role's own policy, which the function waits for: the two would wait for each other.
    new Policy(this, 'Continue', {
      roles: [service.role],
      statements: [
        new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.functionArn] }),
      ],
    });
  }

  #pushFunction({ config, eventsTable, connectionsTable, sockets }: PushProps): ServiceFunction {
    const service = new ServiceFunction(this, 'Push', {
      name: 'push',
      description: 'Pushes new events to WebSockets.',
      config,
      timeoutSeconds: 30,
      reservedConcurrency: config.reservedConcurrency,
      invokesItself: true,
      environment: functionEnvironment(pushEnvironment, config, {
        EVENTS_TABLE: eventsTable.tableName,
        CONNECTIONS_TABLE: connectionsTable.tableName,
        SOCKETS_ENDPOINT: sockets.endpoint,
      }),
    });
    service.allow(['dynamodb:GetItem', 'dynamodb:Query'], [eventsTable.tableArn]);
    // The subscribers; the items of those that are gone, or end.
    service.allow(
      ['dynamodb:Query', 'dynamodb:DeleteItem', 'dynamodb:UpdateItem'],
      [connectionsTable.tableArn],
    );
    sockets.allowManagement(service);
    return service;
  }
}
