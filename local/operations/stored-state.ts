import { setTimeout as wait } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ListedConnection } from '../../operate/connections/connection-table.ts';
import { ConnectionTable } from '../../operate/connections/connection-table.ts';
import { inspectLog } from '../../operate/log/inspect.ts';
import { inspectPorts } from '../../operate/log/ports.ts';
import { textOf } from '../../operate/log/report.ts';
import { openTables } from '../../operate/stack/tables.ts';
import type { LocalStack } from '../stack.ts';

/** How many of the last segments of a log are shown. */
const recentSegments = 20;

/** How long a change may be on its way from the table to the log, milliseconds: what differs is looked at again after it. */
const settleMs = 1000;

/** What the tables of a local stack hold, as the commands of docs/OPERATE.md see it. */
export class StoredState {
  readonly #client: DynamoDBDocumentClient;
  readonly #connections: ConnectionTable;
  readonly #ports: ReturnType<typeof inspectPorts>;
  readonly #historySeconds: number;

  constructor({ databaseEndpoint, tables, functions }: LocalStack) {
    const [tasksTable, eventsTable, connectionsTable] = ['tasks', 'events', 'connections'].map(
      (role) => tables[role]!,
    ) as [string, string, string];
    this.#client = openTables(databaseEndpoint);
    this.#connections = new ConnectionTable(this.#client, connectionsTable);
    this.#ports = inspectPorts(this.#client, { tasksTable, eventsTable });
    const { environment } = functions.find(({ name }) => name === 'fanout')!;
    this.#historySeconds = Number(environment['HISTORY_SECONDS']);
  }

  /** All connections that count now. */
  connections(): Promise<readonly ListedConnection[]> {
    return this.#connections.list({}, Date.now(), () => {});
  }

  /** The workspaces that have a log. */
  workspaces(): Promise<readonly string[]> {
    return this.#ports.log.workspaces();
  }

  /** What `npm run log` prints of a workspace, with what is in the tasks. */
  async log(workspace: string): Promise<string> {
    const found = await inspectLog(this.#ports, workspace, {
      now: Date.now,
      historySeconds: this.#historySeconds,
      recent: recentSegments,
      settle: () => wait(settleMs),
    });
    return textOf(workspace, found, { showTasks: true });
  }

  close(): void {
    this.#client.destroy();
  }
}
