import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { TaskStore } from '../../lambdas/shared/dynamodb/task-store.ts';
import type { InspectPorts } from './inspect.ts';
import { StoredLog } from './stored-log.ts';

/** The tables that hold a log and what it tells of, by their names. */
export function inspectPorts(
  client: DynamoDBDocumentClient,
  { eventsTable, tasksTable }: { readonly eventsTable: string; readonly tasksTable: string },
): InspectPorts & { readonly log: StoredLog } {
  return { log: new StoredLog(client, eventsTable), tasks: new TaskStore(client, tasksTable) };
}
