import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  paginateQuery,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Connection, ConnectionKey, SeenState } from '../../../core/connections/connection.ts';
import type { ConnectionStates } from '../../../core/connections/connection-watch.ts';
import type { Drain } from '../../../core/connections/drain.ts';
import type { EndReason } from '../../../protocol/end-reasons.ts';
import { isRunning, mayHandOver } from '../../../core/connections/limits.ts';
import type { Questions } from '../../../core/connections/questions.ts';
import type { Item, Key, StoredConnection, UserRange } from './connection-item.ts';
import {
  isOpen,
  keyOf,
  nameOf,
  prefixOf,
  readConnection,
  readQuestions,
  readState,
} from './connection-item.ts';
import { DrainMarker } from './drain-marker.ts';
import { isConditionFailure } from './client.ts';

/** How long it is kept how often a user's streams were asked, seconds: past the longest time that it counts. */
const QUESTIONS_KEPT_SECONDS = 24 * 3600;

/** The connections table: one item for each open stream. */
export class ConnectionStore implements ConnectionStates {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #drains: DrainMarker;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
    this.#drains = new DrainMarker(client, table);
  }

  /** Notes an open stream. */
  async add(connection: StoredConnection): Promise<void> {
    const { deadline } = connection;
    await this.#client.send(
      new PutCommand({
        TableName: this.#table,
        Item: { ...connection, ...keyOf(connection), expires: Math.ceil(deadline / 1000) },
      }),
    );
  }

  /** Forgets a stream; its session ends when it sees that. */
  async remove(connection: ConnectionKey): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#table, Key: keyOf(connection) }));
  }

  /**
   * Asks an open stream to end. Its item stays, and counts, until the session has ended and removes it.
   * @param now epoch milliseconds.
   * @returns false when it is gone or was asked before.
   */
  async end(connection: ConnectionKey, reason: EndReason, now: number): Promise<boolean> {
    return this.#setWhileOpen(connection, { ended: reason, endedAt: now });
  }

  /**
   * Moves the end of a lease.
   * @param leaseUntil epoch milliseconds.
   * @returns false when the stream is gone, or asked to end.
   */
  async renewLease(connection: ConnectionKey, leaseUntil: number): Promise<boolean> {
    return this.#setWhileOpen(connection, { leaseUntil });
  }

  /**
   * Notes that a stream ends earlier than was said.
   * @param deadline epoch milliseconds.
   * @returns false when the stream is gone, or asked to end.
   */
  async moveDeadline(connection: ConnectionKey, deadline: number): Promise<boolean> {
    return this.#setWhileOpen(connection, { deadline });
  }

  /** A connection, read consistently; undefined when there is none, or none any more at that time (epoch ms). */
  async find(connection: ConnectionKey, now: number): Promise<StoredConnection | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: keyOf(connection), ConsistentRead: true }),
    );
    return item && isOpen(item, now) ? readConnection(item) : undefined;
  }

  /** The streams of a workspace that are open at a time (epoch ms), by user. */
  list(workspace: string, now: number): Promise<readonly StoredConnection[]> {
    return this.#query({ workspace, now, consistent: false });
  }

  /** The streams of a user that are open at a time (epoch ms), read consistently. */
  listOfUser(workspace: string, user: string, now: number): Promise<readonly StoredConnection[]> {
    return this.#query({ workspace, now, consistent: true, prefix: prefixOf(user) });
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
        KeyConditionExpression: 'workspace = :workspace AND begins_with(#connection, :prefix)',
        ExpressionAttributeNames: { '#connection': 'connection' },
        ExpressionAttributeValues: { ':workspace': workspace, ':prefix': prefix },
        ConsistentRead: true,
        Limit: most,
      }),
    );
    // The embedded database does not tell capitals from small letters in a prefix.
    const ofUser = items.filter((item) => String(item['connection']).startsWith(prefix));
    return {
      connections: ofUser.filter(({ id }) => typeof id === 'string').map(readConnection),
      questions: readQuestions(ofUser.find(({ connection }) => connection === prefix)),
    };
  }

  /**
   * Counts questions to a user's streams, beside those that others have counted in the same window.
   * @param more how many there are more.
   */
  async countQuestions(
    workspace: string,
    user: string,
    { since, windowMs, asked }: Questions,
    more: number,
  ): Promise<void> {
    const command = new UpdateCommand({
      TableName: this.#table,
      Key: { workspace, connection: prefixOf(user) },
      // In a window that nobody has counted in, what the item holds is of another one.
      UpdateExpression:
        asked === 0
          ? 'SET #since = :since, windowMs = :windowMs, #asked = :more, expires = :expires'
          : 'SET #since = :since, windowMs = :windowMs, expires = :expires ADD #asked :more',
      ExpressionAttributeNames: { '#since': 'since', '#asked': 'asked' },
      ExpressionAttributeValues: {
        ':since': since,
        ':windowMs': windowMs,
        ':more': more,
        ':expires': Math.ceil(since / 1000) + QUESTIONS_KEPT_SECONDS,
      },
    });
    await this.#client.send(command);
  }

  /**
   * How many streams of a workspace count at a time (epoch ms), but for those of the last moment, and for those that
   * hand over within the next milliseconds.
   */
  async countRunning(workspace: string, now: number, soonMs: number): Promise<number> {
    const items = this.#items({
      ProjectionExpression: '#id, connectedAt, #deadline, #ended, endedAt',
      KeyConditionExpression: 'workspace = :workspace',
      FilterExpression: '#deadline > :now',
      ExpressionAttributeNames: { '#id': 'id', '#deadline': 'deadline', '#ended': 'ended' },
      ExpressionAttributeValues: { ':workspace': workspace, ':now': now },
    });
    let count = 0;
    for await (const item of items) {
      const connection = item as unknown as Connection;
      if (isRunning(connection, now) && !mayHandOver(connection, now + soonMs)) count += 1;
    }
    return count;
  }

  async readStates(keys: readonly ConnectionKey[], consistent: boolean): Promise<readonly SeenState[]> {
    const { Responses: responses, UnprocessedKeys: unprocessed } = await this.#client.send(
      new BatchGetCommand({
        RequestItems: {
          [this.#table]: {
            Keys: keys.map(keyOf),
            ConsistentRead: consistent,
            ProjectionExpression: '#workspace, #connection, #ended, #leaseUntil',
            ExpressionAttributeNames: {
              '#workspace': 'workspace',
              '#connection': 'connection',
              '#ended': 'ended',
              '#leaseUntil': 'leaseUntil',
            },
          },
        },
      }),
    );
    const found = new Map((responses?.[this.#table] ?? []).map((item) => [nameOf(item as Key), item]));
    const unread = new Set((unprocessed?.[this.#table]?.Keys ?? []).map((key) => nameOf(key as Key)));
    return keys.map((key) => {
      const name = nameOf(keyOf(key));
      const item = found.get(name);
      if (item) return readState(item);
      return unread.has(name) ? undefined : 'gone';
    });
  }

  readDrain(): Promise<Drain | undefined> {
    return this.#drains.read();
  }

  /** Sets attributes of a stream's item, unless the stream is gone or was asked to end: then it gives false. */
  async #setWhileOpen(
    connection: ConnectionKey,
    values: Partial<Pick<StoredConnection, 'deadline' | 'ended' | 'endedAt' | 'leaseUntil'>>,
  ): Promise<boolean> {
    const names = Object.keys(values);
    const command = new UpdateCommand({
      TableName: this.#table,
      Key: keyOf(connection),
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      ConditionExpression: 'attribute_exists(#connection) AND attribute_not_exists(#ended)',
      ExpressionAttributeNames: {
        '#connection': 'connection',
        '#ended': 'ended',
        ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`:${name}`, value]),
      ),
    });
    return this.#client.send(command).then(() => true, unmetIsFalse);
  }

  async #query({
    workspace,
    now,
    consistent,
    prefix,
  }: ConnectionQuery): Promise<readonly StoredConnection[]> {
    const connections: StoredConnection[] = [];
    const items = this.#items({
      KeyConditionExpression:
        prefix === undefined
          ? 'workspace = :workspace'
          : 'workspace = :workspace AND begins_with(#connection, :prefix)',
      ...(prefix !== undefined && { ExpressionAttributeNames: { '#connection': 'connection' } }),
      ExpressionAttributeValues: {
        ':workspace': workspace,
        ...(prefix !== undefined && { ':prefix': prefix }),
      },
      ConsistentRead: consistent,
    });
    for await (const item of items) {
      // The embedded database does not tell capitals from small letters in a prefix.
      const isMeant = prefix === undefined || String(item['connection']).startsWith(prefix);
      if (isMeant && isOpen(item, now)) connections.push(readConnection(item));
    }
    return connections;
  }

  /** What a query finds, page after page. */
  async *#items(query: Omit<QueryCommandInput, 'TableName' | 'ExclusiveStartKey'>): AsyncIterable<Item> {
    const pages = paginateQuery({ client: this.#client }, { TableName: this.#table, ...query });
    for await (const { Items: items = [] } of pages) yield* items;
  }
}

interface ConnectionQuery {
  readonly workspace: string;
  readonly now: number;
  readonly consistent: boolean;
  /** Begin of the sort key. */
  readonly prefix?: string;
}

function unmetIsFalse(error: unknown): false {
  if (isConditionFailure(error)) return false;
  throw error;
}
