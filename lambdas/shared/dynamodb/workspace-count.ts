import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isConditionFailure } from './client.ts';
import type { Items } from './items.ts';
import { SingleItems } from './items.ts';

/** How many streams a workspace has, as far as is known without counting them. */
export interface StreamCount {
  /** Those that somebody counted. */
  readonly streams: number;
  /** Those that came since; of those that have left since nobody knows. */
  readonly taken: number;
  /** When somebody counted last, or began to; epoch milliseconds. */
  readonly at: number;
}

/** How long a workspace that nobody connects to keeps its count, seconds. */
const keptSeconds = 24 * 3600;

/**
 * How many streams each workspace had when somebody last counted them, in the connections table: a Lambda process has
 * one stream, and counting is a read of the whole partition. No user's connections can have this sort key.
 */
export class WorkspaceCount {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #items: Items;

  constructor(client: DynamoDBDocumentClient, table: string, items: Items = new SingleItems(client, table)) {
    this.#client = client;
    this.#table = table;
    this.#items = items;
  }

  /** The last count; undefined where nobody has counted, or not for long. */
  async read(workspace: string): Promise<StreamCount | undefined> {
    return readCount(await this.#items.get(keyOf(workspace), 'eventual'));
  }

  /** Takes a place: counts one more. */
  async take(workspace: string): Promise<StreamCount | undefined> {
    return this.#update(workspace, { UpdateExpression: 'ADD taken :one' }, { ':one': 1 });
  }

  /**
   * Announces that somebody counts anew, so that the others do not.
   * @param at when somebody did last, as was read; undefined where nobody has.
   * @returns what is known so far; undefined when somebody else was faster.
   */
  async claim(workspace: string, at: number | undefined, now: number): Promise<StreamCount | undefined> {
    const update = {
      UpdateExpression: 'SET #at = :now, streams = if_not_exists(streams, :none) ADD taken :none',
      ConditionExpression: at === undefined ? 'attribute_not_exists(#at)' : '#at = :at',
      ExpressionAttributeNames: { '#at': 'at' },
    };
    const values = { ':now': now, ':none': 0, ...(at !== undefined && { ':at': at }) };
    return this.#update(workspace, update, values).catch((error: unknown) => {
      if (isConditionFailure(error)) return undefined;
      throw error;
    });
  }

  /**
   * Notes what somebody has counted who had claimed it. Those that took a place meanwhile may be among them; they count
   * twice then until the next time, for none may be left out.
   */
  async write(workspace: string, streams: number, claimed: StreamCount): Promise<void> {
    await this.#update(
      workspace,
      { UpdateExpression: 'SET streams = :streams, expires = :expires ADD taken :before' },
      {
        ':streams': streams,
        ':before': -claimed.taken,
        ':expires': Math.ceil(claimed.at / 1000) + keptSeconds,
      },
    );
  }

  async #update(
    workspace: string,
    update: Readonly<Record<string, unknown>> & { readonly UpdateExpression: string },
    values: Readonly<Record<string, number>>,
  ): Promise<StreamCount | undefined> {
    const { Attributes: item } = await this.#client.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: keyOf(workspace),
        ReturnValues: 'ALL_NEW',
        ExpressionAttributeValues: { ...values },
        ...update,
      }),
    );
    return readCount(item);
  }
}

function readCount(item: Readonly<Record<string, unknown>> = {}): StreamCount | undefined {
  const { streams, taken = 0, at } = item;
  if (typeof streams !== 'number' || typeof taken !== 'number' || typeof at !== 'number') return undefined;
  return { streams, taken, at };
}

function keyOf(workspace: string): { workspace: string; connection: string } {
  return { workspace, connection: '#count' };
}
