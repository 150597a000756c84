import { endedIndex } from '../../lambdas/shared/dynamodb/ended-index.ts';
import type { ServiceRole } from './service-role.ts';
import type { StreamTables } from './subscriber-rights.ts';
import { allowSubscribing } from './subscriber-rights.ts';
import type { TaskSockets } from './web-socket-api.ts';

/** Grants what it takes to serve streams, whatever hosts them. */
export function allowStreams(
  service: Pick<ServiceRole, 'allow' | 'role'>,
  tables: StreamTables,
  sockets: TaskSockets,
): void {
  allowSubscribing(service, tables);
  // What many streams of a process read and write in the same moment goes in one request.
  service.allow(['dynamodb:BatchGetItem', 'dynamodb:BatchWriteItem'], [tables.connectionsTable.tableArn]);
  service.allow(['dynamodb:BatchGetItem'], [tables.eventsTable.tableArn]);
  service.allow(['dynamodb:Query'], [`${tables.connectionsTable.tableArn}/index/${endedIndex}`]);
  // A stream may take the place of a WebSocket of the same user.
  sockets.allowManagement(service);
}
