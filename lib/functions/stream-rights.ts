import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { ServiceRole } from './service-role.ts';
import type { TaskSockets } from './web-socket-api.ts';

/** What a process reads and writes that serves streams. */
export interface StreamTables {
  readonly tasksTable: TableV2;
  readonly eventsTable: TableV2;
  readonly connectionsTable: TableV2;
}

/** Grants what it takes to serve streams, whatever hosts them. */
export function allowStreams(
  service: Pick<ServiceRole, 'allow' | 'role'>,
  { tasksTable, eventsTable, connectionsTable }: StreamTables,
  sockets: TaskSockets,
): void {
  // The update makes the head of a log, or its key: both are there before the first cursor.
  service.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], [eventsTable.tableArn]);
  // Of the past, and of who is there, tasks are told as far as they may be seen.
  service.allow(['dynamodb:BatchGetItem'], [tasksTable.tableArn]);
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
    [connectionsTable.tableArn],
  );
  // A stream may take the place of a WebSocket of the same user.
  sockets.allowManagement(service);
}
