import type { DynamoDBDocumentClient, PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Task } from '../../../protocol/task.ts';
import { readTask } from '../../../core/task/task.ts';
import { notATask } from './not-a-task.ts';

/** The first answer to a request with an idempotency key. */
export interface IdempotencyRecord {
  /** Hash of the user and of the key that the client gave. */
  readonly key: string;
  /** Hash of the request. */
  readonly request: string;
  readonly task: Task;
  /** Epoch seconds. */
  readonly expires: number;
}

/** The first answers to requests with idempotency keys, beside the tasks, in whose transactions they are written. */
export class IdempotencyStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** The first answer to an idempotency key, when it is still kept. */
  async recall(workspace: string, key: string, now: number): Promise<IdempotencyRecord | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: idempotencyKey(workspace, key), ConsistentRead: true }),
    );
    if (!item || (item['idempotency_expires'] as number) * 1000 <= now) return undefined;
    // Read like any task: a map comes back with its fields in any order.
    const task = readTask(item['task'] as Record<string, unknown>);
    return task && { key, request: item['request'], task, expires: item['idempotency_expires'] };
  }
}

/** The put of a first answer: it fails where there is one already, and is still kept. */
export function firstAnswerPut(
  TableName: string,
  workspace: string,
  { key, request, task, expires }: IdempotencyRecord,
): PutCommandInput {
  return {
    TableName,
    Item: { ...idempotencyKey(workspace, key), request, task, idempotency_expires: expires },
    ConditionExpression: 'attribute_not_exists(workspace) OR idempotency_expires <= :now',
    ExpressionAttributeValues: { ':now': Math.floor(Date.now() / 1000) },
  };
}

function idempotencyKey(workspace: string, key: string): { workspace: string; id: number } {
  return { workspace: `${workspace}#idempotency#${key}`, id: notATask };
}
