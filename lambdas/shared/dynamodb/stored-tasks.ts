import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { CurrentTasks, TasksFound } from '../../../core/subscription/past.ts';
import { readTask } from '../../../core/task/task.ts';

/** Tasks as they are now, for who tells the past. Read consistently: who has hidden a task can rely on it. */
export class StoredTasks implements CurrentTasks {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async lookUp(workspace: string, ids: readonly number[]): Promise<TasksFound> {
    const table = this.#table;
    const {
      Responses: found,
      UnprocessedKeys: unprocessed,
      ConsumedCapacity: consumed,
    } = await this.#client.send(
      new BatchGetCommand({
        RequestItems: { [table]: { Keys: ids.map((id) => ({ workspace, id })), ConsistentRead: true } },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    const tasks = new Map(
      (found?.[table] ?? []).flatMap((item) => {
        const task = readTask(item);
        return task === undefined ? [] : [[task.id, task] as const];
      }),
    );
    const skipped = new Set(unprocessed?.[table]?.Keys?.map(({ id }) => id as number));
    return {
      tasks,
      missing: ids.filter((id) => !tasks.has(id) && !skipped.has(id)),
      units: consumed?.[0]?.CapacityUnits ?? 0,
    };
  }
}
