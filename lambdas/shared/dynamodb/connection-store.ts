import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EndReason } from '../../../protocol/end-reasons.ts';
import type { ConnectionKey } from '../../../core/connections/connection.ts';
import type { ItemState } from '../../../core/session/ports.ts';
import type { Questions } from '../../../core/connections/questions.ts';
import { isConditionFailure } from './client.ts';
import type { StoredConnection } from './connection-item.ts';
import { isOpen, keyOf, prefixOf, readAskedEnd, readConnection, readState } from './connection-item.ts';
import type { Item, Items } from './items.ts';
import { SingleItems } from './items.ts';

/** How long it is kept how often a user's streams were asked, seconds: past the longest time that it counts. */
const questionsKeptSeconds = 24 * 3600;

/** The items of open streams in the connections table, one for each. */
export class ConnectionStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #items: Items;

  constructor(client: DynamoDBDocumentClient, table: string, items: Items = new SingleItems(client, table)) {
    this.#client = client;
    this.#table = table;
    this.#items = items;
  }

  /** Notes an open stream. */
  async add(connection: StoredConnection): Promise<void> {
    const { deadline } = connection;
    await this.#items.put({ ...connection, ...keyOf(connection), expires: Math.ceil(deadline / 1000) });
  }

  /** Forgets a stream; its session ends when it sees that. */
  async remove(connection: ConnectionKey): Promise<void> {
    await this.#items.remove(keyOf(connection));
  }

  /**
   * Asks an open stream to end. Its item stays, and counts, until the session has ended and removes it.
   * @param now epoch milliseconds.
   * @returns the stream; undefined when it is gone or was asked before.
   */
  async askToEnd(
    connection: ConnectionKey,
    reason: EndReason,
    now: number,
  ): Promise<StoredConnection | undefined> {
    return this.#setWhileOpen(connection, { ended: reason, endedAt: now });
  }

  /**
   * Moves the end of a lease.
   * @param leaseUntil epoch milliseconds.
   * @returns false when the stream is gone, or asked to end.
   */
  async renewLease(connection: ConnectionKey, leaseUntil: number): Promise<boolean> {
    return (await this.#setWhileOpen(connection, { leaseUntil })) !== undefined;
  }

  /**
   * Notes that a stream ends earlier than was said.
   * @param deadline epoch milliseconds.
   * @returns false when the stream is gone, or asked to end.
   */
  async moveDeadline(connection: ConnectionKey, deadline: number): Promise<boolean> {
    return (await this.#setWhileOpen(connection, { deadline })) !== undefined;
  }

  /** A connection, read consistently; undefined when there is none, or none any more at that time (epoch ms). */
  async find(connection: ConnectionKey, now: number): Promise<StoredConnection | undefined> {
    const item = await this.#item(connection);
    return item && isOpen(item, now) ? readConnection(item) : undefined;
  }

  /** What others have written into the item of a connection, read consistently; undefined when there is none. */
  async state(connection: ConnectionKey): Promise<ItemState | undefined> {
    const item = await this.#item(connection);
    return item && { asked: readAskedEnd(item), leaseUntil: readState(item).leaseUntil };
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
        ':expires': Math.ceil(since / 1000) + questionsKeptSeconds,
      },
    });
    await this.#client.send(command);
  }

  #item(connection: ConnectionKey): Promise<Item | undefined> {
    return this.#items.get(keyOf(connection), 'consistent');
  }

  /**
   * Sets attributes of a stream's item.
   * @returns the stream after it; undefined where it is gone or was asked to end.
   */
  async #setWhileOpen(
    connection: ConnectionKey,
    values: Partial<Pick<StoredConnection, 'deadline' | 'ended' | 'endedAt' | 'leaseUntil'>>,
  ): Promise<StoredConnection | undefined> {
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
      ReturnValues: 'ALL_NEW',
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`:${name}`, value]),
      ),
    });
    try {
      const { Attributes: item } = await this.#client.send(command);
      return item && readConnection(item);
    } catch (error) {
      if (isConditionFailure(error)) return undefined;
      throw error;
    }
  }
}
