import { randomBytes } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { paginateQuery, QueryCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LogIdentity } from '../../../core/log/cursor.ts';
import type { AppendStore } from '../../../core/log/append.ts';
import type { PageRead, ReadStore, SegmentPage } from '../../../core/log/read-store.ts';
import type { Head, OpenHead, Segment } from '../../../core/log/segment.ts';
import { isLostRace, isTransactionConflict, isUnreachable } from './client.ts';
import type { Consistency, Items } from './items.ts';
import { SingleItems } from './items.ts';
import { headKey, headNumber, readHeadItem, readSegmentItem, segmentItem } from './log-item.ts';

/** `segment` is a reserved word of DynamoDB's expressions. */
const segmentName = { '#segment': 'segment' };

/** How often to try to make a head while transactions of appends are under way on it; each takes some milliseconds. */
const openAttempts = 10;

/** The head of a log that nothing was appended to. */
const empty = { last: 0, newest: 0, at: 0 };

/** A new log's random identity and key. */
export function newLog(): LogIdentity {
  return { log: randomBytes(8).toString('hex'), key: randomBytes(32).toString('base64url') };
}

/** How a head is changed, in DynamoDB's words. */
interface HeadUpdate {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, unknown>;
}

/** The events table: one log per workspace, a head item and segments. */
export class EventLog implements AppendStore, ReadStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #items: Items;

  constructor(client: DynamoDBDocumentClient, table: string, items: Items = new SingleItems(client, table)) {
    this.#client = client;
    this.#table = table;
    this.#items = items;
  }

  async readHead(workspace: string): Promise<Head | undefined> {
    return this.#getHead(workspace, 'consistent');
  }

  async openHead(workspace: string): Promise<OpenHead> {
    return this.#open(workspace, 'consistent');
  }

  /**
   * What the cursors of a workspace are sealed with. It never changes, so that any copy of the head will do: half the cost
   * of `openHead`.
   */
  async readIdentity(workspace: string): Promise<LogIdentity> {
    return this.#open(workspace, 'eventual');
  }

  async #open(workspace: string, consistency: Consistency): Promise<OpenHead> {
    const head = await this.#getHead(workspace, consistency);
    return isOpen(head) ? head : this.#makeHead(workspace);
  }

  async #getHead(workspace: string, consistency: Consistency): Promise<Head | undefined> {
    const item = await this.#items.get(headKey(workspace), consistency);
    return item && readHeadItem(item);
  }

  /** Makes what is missing of a head, all of it or its key alone; of two who do, both get what the first one made. */
  async #makeHead(workspace: string): Promise<OpenHead> {
    const fields = Object.entries({ ...newLog(), ...empty });
    const command = new UpdateCommand({
      TableName: this.#table,
      Key: headKey(workspace),
      UpdateExpression: `SET ${fields.map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`).join(', ')}`,
      ...expressionOf(fields),
      ReturnValues: 'ALL_NEW',
    });
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { Attributes: item } = await this.#client.send(command);
        return readHeadItem(item!) as OpenHead;
      } catch (error) {
        if (!isTransactionConflict(error) || attempt >= openAttempts) throw error;
        // An append makes a head too.
        const head = await this.#getHead(workspace, 'consistent');
        if (isOpen(head)) return head;
      }
    }
  }

  async readSegments(workspace: string, from: number, { most, consistent }: PageRead): Promise<SegmentPage> {
    const {
      Items: items = [],
      LastEvaluatedKey: lastKey,
      ConsumedCapacity: consumed,
    } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'workspace = :workspace AND #segment >= :from',
        ExpressionAttributeNames: segmentName,
        ExpressionAttributeValues: { ':workspace': workspace, ':from': Math.max(from, headNumber + 1) },
        ConsistentRead: consistent,
        Limit: most,
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    return {
      segments: items.map((item) => readSegmentItem(item)),
      more: lastKey !== undefined,
      units: consumed?.CapacityUnits ?? 0,
    };
  }

  async *readBack(workspace: string, to: number): AsyncIterable<Segment> {
    const query = {
      TableName: this.#table,
      KeyConditionExpression: 'workspace = :workspace AND #segment BETWEEN :first AND :to',
      ExpressionAttributeNames: segmentName,
      ExpressionAttributeValues: { ':workspace': workspace, ':first': headNumber + 1, ':to': to },
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 20,
    };
    for await (const { Items: items = [] } of paginateQuery({ client: this.#client }, query)) {
      for (const item of items) yield readSegmentItem(item);
    }
  }

  async append(
    workspace: string,
    segment: Segment,
    expected: Head | undefined,
    next: Head,
  ): Promise<boolean> {
    try {
      await this.#client.send(
        new TransactWriteCommand({
          TransactItems: [
            {
              Put: {
                TableName: this.#table,
                Item: segmentItem(workspace, segment),
                ConditionExpression: 'attribute_not_exists(workspace)',
              },
            },
            { Update: { TableName: this.#table, Key: headKey(workspace), ...moveHead(expected, next) } },
          ],
        }),
      );
      return true;
    } catch (error) {
      // After a time-out the transaction may have happened: only the log itself can tell.
      if (isLostRace(error) || isUnreachable(error)) return false;
      throw error;
    }
  }
}

function isOpen(head: Head | undefined): head is OpenHead {
  return head?.key !== undefined;
}

/**
 * Moves a head that is still as expected, or makes it. An update, because a put would take away a key that a reader has
 * added since the head was read.
 */
function moveHead(
  expected: Head | undefined,
  { log, key, last, follows, newest, previous, at }: Head,
): HeadUpdate {
  const place = { last, ...follows, newest, previous, at };
  const fields = Object.entries(expected ? place : { log, key, ...place }).filter(
    ([, value]) => value !== undefined,
  );
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = expressionOf(fields);
  return {
    UpdateExpression: `SET ${fields.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    ConditionExpression: expected ? '#log = :isLog AND #last = :isLast' : 'attribute_not_exists(workspace)',
    ExpressionAttributeNames: { ...names, '#log': 'log' },
    ExpressionAttributeValues: {
      ...values,
      ...(expected && { ':isLog': expected.log, ':isLast': expected.last }),
    },
  };
}

/** Names and values of fields, as `#name` and `:name`: some are reserved words of DynamoDB's expressions. */
function expressionOf(
  fields: readonly (readonly [name: string, value: unknown])[],
): Pick<HeadUpdate, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
  return {
    ExpressionAttributeNames: Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value])),
  };
}
