import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Task } from '../../protocol/task.ts';

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
    const query = {
      TableName: this.name,
      KeyConditionExpression: 'workspace = :workspace',
      ExpressionAttributeValues: { ':workspace': workspace },
      ConsistentRead: true,
    };
    for await (const { Items: items = [] } of paginateQuery({ client: this.#database }, query)) {
      // Besides the task an item has its key, and the name of the request that wrote it.
      for (const { workspace: _workspace, correlation: _correlation, ...task } of items)
        tasks.set(task['id'] as number, task as Task);
    }
    return tasks;
  }
}
