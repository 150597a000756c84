import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Connection } from '../../../core/connections/connection.ts';
import { isRunning, mayHandOver } from '../../../core/connections/admission.ts';
import type { StoredConnection, UserRange } from './connection-item.ts';
import { openTransport, prefixOf, readConnection, readQuestions } from './connection-item.ts';
import type { Item } from './items.ts';
import { partitionOf, rangeOf } from './key-range.ts';

/** Which streams are open, by the connections table. */
export class OpenConnections {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /**
   * The connections of a workspace that are open at a time (epoch ms), by user; `openTransport` says which are.
   */
  list(workspace: string, now: number): Promise<readonly StoredConnection[]> {
    return this.#listOpen(partitionOf(workspace), now);
  }

  /** The same of a user, read consistently. */
  listOfUser(workspace: string, user: string, now: number): Promise<readonly StoredConnection[]> {
    return this.#listOpen({ ...rangeOf(workspace, prefixOf(user)), ConsistentRead: true }, now);
  }

  /**
   * What counts against a user's limit, read consistently, with one read.
   * @param most how many items are looked at: what a connect reads is bounded, whatever the user has.
   */
  async readUser(workspace: string, user: string, most: number): Promise<UserRange> {
    const prefix = prefixOf(user);
    const { Items: items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        ...rangeOf(workspace, prefix),
        ConsistentRead: true,
        Limit: most,
      }),
    );
    return {
      connections: items.filter(({ id }) => typeof id === 'string').map(readConnection),
      questions: readQuestions(items.find(({ connection }) => connection === prefix)),
    };
  }

  /**
   * How many streams of a workspace count at a time (epoch ms), but for those of the last moment, and for those that
   * hand over within the next milliseconds.
   */
  async countRunning(workspace: string, now: number, soonMs: number): Promise<number> {
    const partition = partitionOf(workspace);
    const items = this.#items({
      ...partition,
      ProjectionExpression: '#id, connectedAt, #deadline, #ended, endedAt',
      FilterExpression: '#deadline > :now',
      ExpressionAttributeNames: { '#id': 'id', '#deadline': 'deadline', '#ended': 'ended' },
      ExpressionAttributeValues: { ...partition.ExpressionAttributeValues, ':now': now },
    });
    let count = 0;
    for await (const item of items) {
      const connection = item as unknown as Connection;
      if (isRunning(connection, now) && !mayHandOver(connection, now + soonMs)) count += 1;
    }
    return count;
  }

  async #listOpen(
    query: Omit<QueryCommandInput, 'TableName'>,
    now: number,
  ): Promise<readonly StoredConnection[]> {
    const connections: StoredConnection[] = [];
    for await (const item of this.#items(query)) {
      if (openTransport(item, now) !== undefined) connections.push(readConnection(item));
    }
    return connections;
  }

  /** What a query finds, page after page. */
  async *#items(query: Omit<QueryCommandInput, 'TableName' | 'ExclusiveStartKey'>): AsyncIterable<Item> {
    const pages = paginateQuery({ client: this.#client }, { TableName: this.#table, ...query });
    for await (const { Items: items = [] } of pages) yield* items;
  }
}
