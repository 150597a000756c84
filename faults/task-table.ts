import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Task } from '../core/task/task.ts';

/** The tasks table, read past everything that is under test. */
export class TaskTable {
  readonly name: string;
  readonly #database: DynamoDBDocumentClient;

  constructor(database: DynamoDBDocumentClient, name: string) {
    this.#database = database;
    this.name = name;
  }

  /** The items of a workspace as they are now, by id: tasks, as long as nobody put anything else there. */
  async read(workspace: string): Promise<Map<number, Task>> {
    const tasks = new Map<number, Task>();
    let after: Record<string, unknown> | undefined;
    do {
      const { Items: items = [], LastEvaluatedKey: lastKey } = await this.#database.send(
        new QueryCommand({
          TableName: this.name,
          KeyConditionExpression: 'workspace = :workspace',
          ExpressionAttributeValues: { ':workspace': workspace },
          ConsistentRead: true,
          ...(after && { ExclusiveStartKey: after }),
        }),
      );
      for (const { workspace: _workspace, ...task } of items) tasks.set(task['id'] as number, task as Task);
      after = lastKey;
    } while (after);
    return tasks;
  }
}
