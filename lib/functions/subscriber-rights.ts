import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { ServiceRole } from './service-role.ts';

/** What a process reads and writes that serves streams. */
export interface StreamTables {
  readonly tasksTable: TableV2;
  readonly eventsTable: TableV2;
  readonly connectionsTable: TableV2;
}

/** Grants what it takes to let connections in, and to tell them what is logged: the same for streams and WebSockets. */
export function allowSubscribing(
  service: Pick<ServiceRole, 'allow'>,
  { tasksTable, eventsTable, connectionsTable }: StreamTables,
): void {
  // The update makes the head of a log, or its key: both are there before the first cursor.
  service.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], [eventsTable.tableArn]);
  // Of the past, and of who is there, tasks are told as far as they may be seen.
  service.allow(['dynamodb:BatchGetItem'], [tasksTable.tableArn]);
  service.allow(
    [
      'dynamodb:PutItem',
      'dynamodb:DeleteItem',
      // Asks the user's oldest stream when a limit is reached, counts, and notes an earlier end or what is subscribed to.
      'dynamodb:UpdateItem',
      'dynamodb:Query',
      'dynamodb:GetItem',
    ],
    [connectionsTable.tableArn],
  );
}
