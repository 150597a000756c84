import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isTaskId } from '../../../core/task/fields.ts';
import { isConditionFailure } from './client.ts';
import { notATask } from './not-a-task.ts';

/** Gives the tasks of each workspace their ids. */
export class TaskCounter {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** The next task id of a workspace; ids are never given twice. */
  async nextId(workspace: string): Promise<number> {
    const { Attributes: counter } = await this.#client.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: counterKey(workspace),
        UpdateExpression: 'ADD last_id :one',
        ExpressionAttributeValues: { ':one': 1 },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return counter!['last_id'] as number;
  }

  /** Moves the counter past the ids that were written into the table without it. */
  async skipTakenIds(workspace: string): Promise<void> {
    const { Items: items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'workspace = :workspace',
        ExpressionAttributeValues: { ':workspace': workspace },
        ProjectionExpression: 'id',
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    const highest = Number(items[0]?.['id'] ?? 0);
    // Above it there are no ids left: the counter goes on where it is.
    if (!isTaskId(highest + 1)) return;
    await this.#client
      .send(
        new UpdateCommand({
          TableName: this.#table,
          Key: counterKey(workspace),
          UpdateExpression: 'SET last_id = :highest',
          ConditionExpression: 'last_id < :highest',
          ExpressionAttributeValues: { ':highest': highest },
        }),
      )
      .catch((error: unknown) => {
        if (!isConditionFailure(error)) throw error;
      });
  }
}

function counterKey(workspace: string): { workspace: string; id: number } {
  return { workspace: `${workspace}#counter`, id: notATask };
}
