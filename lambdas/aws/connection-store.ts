import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  paginateQuery,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type {
  Connection,
  ConnectionKey,
  ConnectionState,
  ConnectionStates,
  SeenState,
} from '../../core/stream/connection.ts';
import type { EndReason } from '../../core/stream/end.ts';
import { isEndReason } from '../../core/stream/end.ts';
import { isConditionFailure } from './dynamodb.ts';

/** What the table keeps of a connection besides: what an admin needs to end it for good, and its lease. */
export interface ConnectionFacts {
  /** Fingerprint of the token that opened it; grants nothing. */
  readonly token: string;
  /** When that token expires, epoch milliseconds. */
  readonly tokenExpiresAt: number;
  /** The lease that the client asked for, seconds; undefined for a stream that needs none. */
  readonly leaseSeconds?: number | undefined;
}

/** A connection with all that the table knows of it. */
export type StoredConnection = Connection & ConnectionFacts & ConnectionState;

/** The marker that asks streams to end; no workspace can have this name. */
const DRAIN_KEY = { workspace: '#drain', connection: '#drain' };

/** The connections table: one item for each open stream. */
export class ConnectionStore implements ConnectionStates {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
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
   * Asks an open stream to end.
   * @returns false when it is gone or was asked before.
   */
  async end(connection: ConnectionKey, reason: EndReason): Promise<boolean> {
    return this.#setWhileOpen(connection, 'ended', reason);
  }

  /**
   * Moves the end of a lease.
   * @param leaseUntil epoch milliseconds.
   * @returns false when the stream is gone, or asked to end.
   */
  async renewLease(connection: ConnectionKey, leaseUntil: number): Promise<boolean> {
    return this.#setWhileOpen(connection, 'leaseUntil', leaseUntil);
  }

  /**
   * Notes that a stream ends earlier than was said.
   * @param deadline epoch milliseconds.
   * @returns false when the stream is gone, or asked to end.
   */
  async moveDeadline(connection: ConnectionKey, deadline: number): Promise<boolean> {
    return this.#setWhileOpen(connection, 'deadline', deadline);
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

  /** The ids of a workspace's streams that are open until a time (epoch ms), but for those of the last moment. */
  async openIds(workspace: string, until: number): Promise<Set<string>> {
    const ids = new Set<string>();
    const open = this.#items({
      ProjectionExpression: '#id',
      KeyConditionExpression: 'workspace = :workspace',
      FilterExpression: '#deadline > :until AND attribute_not_exists(#ended)',
      ExpressionAttributeNames: { '#id': 'id', '#deadline': 'deadline', '#ended': 'ended' },
      ExpressionAttributeValues: { ':workspace': workspace, ':until': until },
    });
    for await (const { id } of open) ids.add(id as string);
    return ids;
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

  async readDrain(): Promise<number | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: DRAIN_KEY }),
    );
    const before: unknown = item?.['before'];
    return typeof before === 'number' ? before : undefined;
  }

  /** Asks all streams to end that opened before a time, epoch milliseconds. */
  async drain(before: number): Promise<void> {
    await this.#client.send(new PutCommand({ TableName: this.#table, Item: { ...DRAIN_KEY, before } }));
  }

  /** Sets an attribute of a stream's item, unless the stream is gone or was asked to end: then it gives false. */
  async #setWhileOpen(
    connection: ConnectionKey,
    attribute: 'deadline' | 'ended' | 'leaseUntil',
    value: string | number,
  ): Promise<boolean> {
    const command = new UpdateCommand({
      TableName: this.#table,
      Key: keyOf(connection),
      UpdateExpression: 'SET #attribute = :value',
      ConditionExpression: 'attribute_exists(#connection) AND attribute_not_exists(#ended)',
      ExpressionAttributeNames: {
        '#connection': 'connection',
        '#ended': 'ended',
        '#attribute': attribute,
      },
      ExpressionAttributeValues: { ':value': value },
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

interface Key {
  readonly workspace: string;
  readonly connection: string;
}

type Item = Readonly<Record<string, unknown>>;

/** Encoding the user keeps `#` for the separator, so that one user's range never holds another's connections. */
function prefixOf(user: string): string {
  return `${encodeURIComponent(user)}#`;
}

function keyOf({ workspace, user, id }: ConnectionKey): Key {
  return { workspace, connection: `${prefixOf(user)}${id}` };
}

function nameOf({ workspace, connection }: Key): string {
  return `${workspace}/${connection}`;
}

/** Whether an item is of a stream that counts; items without a deadline are something else. */
function isOpen({ deadline, ended }: Item, now: number): boolean {
  return typeof deadline === 'number' && deadline > now && ended === undefined;
}

function readConnection(item: Item): StoredConnection {
  const { workspace, user, id, connectedAt, deadline, token, tokenExpiresAt, leaseSeconds } =
    item as unknown as StoredConnection;
  return {
    workspace,
    user,
    id,
    connectedAt,
    deadline,
    token,
    tokenExpiresAt,
    leaseSeconds,
    ...readState(item),
  };
}

/** A reason that this version does not know, of a newer one for example, ends the stream all the same. */
function readState({ ended, leaseUntil }: Item): ConnectionState {
  return {
    ended: ended === undefined || isEndReason(ended) ? ended : 'disconnected',
    leaseUntil: typeof leaseUntil === 'number' ? leaseUntil : undefined,
  };
}

function unmetIsFalse(error: unknown): false {
  if (isConditionFailure(error)) return false;
  throw error;
}
