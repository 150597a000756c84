import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isConditionFailure } from './dynamodb.ts';

/** How many streams a workspace had at a time, epoch milliseconds. */
export interface StreamCount {
  readonly streams: number;
  readonly at: number;
}

/** How long a workspace that nobody connects to keeps its count, seconds. */
const KEPT_SECONDS = 24 * 3600;

/**
 * How many streams each workspace had when somebody last counted them, in the connections table: a Lambda process has
 * one stream, and counting is a read of the whole partition. No user's connections can have this sort key.
 */
export class WorkspaceCount {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** The last count; undefined where nobody has counted, or not for long. */
  async read(workspace: string): Promise<StreamCount | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: keyOf(workspace) }),
    );
    const { streams, at } = (item ?? {}) as { streams?: unknown; at?: unknown };
    return typeof streams === 'number' && typeof at === 'number' ? { streams, at } : undefined;
  }

  /**
   * Announces that somebody counts anew, so that the others do not.
   * @returns false when somebody else was faster.
   */
  async claim(workspace: string, { at }: StreamCount, now: number): Promise<boolean> {
    const command = new UpdateCommand({
      TableName: this.#table,
      Key: keyOf(workspace),
      UpdateExpression: 'SET #at = :now',
      ConditionExpression: '#at = :at',
      ExpressionAttributeNames: { '#at': 'at' },
      ExpressionAttributeValues: { ':now': now, ':at': at },
    });
    return this.#client.send(command).then(
      () => true,
      (error: unknown) => {
        if (isConditionFailure(error)) return false;
        throw error;
      },
    );
  }

  /** Notes a count. */
  async write(workspace: string, { streams, at }: StreamCount): Promise<void> {
    const expires = Math.ceil(at / 1000) + KEPT_SECONDS;
    await this.#client.send(
      new PutCommand({ TableName: this.#table, Item: { ...keyOf(workspace), streams, at, expires } }),
    );
  }
}

function keyOf(workspace: string): { workspace: string; connection: string } {
  return { workspace, connection: '#count' };
}
