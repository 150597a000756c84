import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, paginateQuery, paginateScan, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Change } from '../../core/log/change.ts';
import type { Head, Segment } from '../../core/log/segment.ts';
import { isLostRace, isUnreachable } from '../../lambdas/shared/dynamodb/client.ts';
import type { SegmentItem } from '../../lambdas/shared/dynamodb/log-item.ts';
import {
  headItem,
  headKey,
  headNumber,
  readSegmentItem,
  segmentItem,
} from '../../lambdas/shared/dynamodb/log-item.ts';

/** A head as it is in the table, whatever anybody has made of it; undefined where there is none. */
export type RawHead = Readonly<Record<string, unknown>> | undefined;

/** A segment as it is in the table. */
export interface StoredSegment extends Pick<Segment, 'segment' | 'log' | 'stream' | 'at' | 'expires'> {
  readonly format: number;
  /** Its changes; why they cannot be read, where they cannot. */
  readonly changes: readonly Change[] | { readonly unreadable: string };
}

/** What looking at a log, and mending it, needs of the events table. All reads are consistent. */
export interface LogStore {
  readHead(workspace: string): Promise<RawHead>;
  /** All segments that the table holds, ascending, those whose time has passed too. */
  segments(workspace: string): AsyncIterable<StoredSegment>;
  /**
   * In one transaction: puts a segment, which must not exist, and a head in the place of one that is still as expected;
   * and removes segments by their numbers, 98 at the most.
   * @returns false when somebody was faster, or when nobody can tell whether it happened.
   */
  replace(
    workspace: string,
    segment: Segment,
    expected: RawHead,
    next: Head,
    removed: readonly number[],
  ): Promise<boolean>;
}

/** The events table as operators see it: it takes nothing for granted that is in it. */
export class StoredLog implements LogStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async readHead(workspace: string): Promise<RawHead> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: headKey(workspace), ConsistentRead: true }),
    );
    return item;
  }

  /** The workspaces that have a log. It reads the whole table. */
  async workspaces(): Promise<readonly string[]> {
    const scan = {
      TableName: this.#table,
      FilterExpression: '#segment = :head',
      ProjectionExpression: 'workspace',
      ExpressionAttributeNames: { '#segment': 'segment' },
      ExpressionAttributeValues: { ':head': headNumber },
    };
    const found: string[] = [];
    for await (const { Items: items = [] } of paginateScan({ client: this.#client }, scan)) {
      found.push(...items.map(({ workspace }) => String(workspace)));
    }
    return found.toSorted();
  }

  async *segments(workspace: string): AsyncIterable<StoredSegment> {
    const query = {
      TableName: this.#table,
      KeyConditionExpression: 'workspace = :workspace AND #segment > :head',
      ExpressionAttributeNames: { '#segment': 'segment' },
      ExpressionAttributeValues: { ':workspace': workspace, ':head': headNumber },
      ConsistentRead: true,
    };
    for await (const { Items: items = [] } of paginateQuery({ client: this.#client }, query)) {
      for (const item of items) yield readStored(item);
    }
  }

  async replace(
    workspace: string,
    segment: Segment,
    expected: RawHead,
    next: Head,
    removed: readonly number[],
  ): Promise<boolean> {
    const put = (Item: object, condition: object): object => ({
      Put: { TableName: this.#table, Item, ...condition },
    });
    try {
      await this.#client.send(
        new TransactWriteCommand({
          TransactItems: [
            put(segmentItem(workspace, segment), { ConditionExpression: 'attribute_not_exists(workspace)' }),
            put(headItem(workspace, next), stillAs(expected)),
            ...removed.map((number) => ({
              Delete: { TableName: this.#table, Key: { workspace, segment: number } },
            })),
          ],
        }),
      );
      return true;
    } catch (error) {
      // Whether it has happened, the next look says.
      if (isLostRace(error) || isUnreachable(error)) return false;
      throw error;
    }
  }
}

function readStored(item: Readonly<Record<string, unknown>>): StoredSegment {
  const { segment, log, stream, at, expires, format } = item as unknown as SegmentItem;
  const facts = { segment, log, stream, at, expires, format };
  try {
    return { ...facts, changes: readSegmentItem(item).changes };
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    return { ...facts, changes: { unreadable: reason } };
  }
}

/** The condition that a head has not moved since it was read: each append moves `last`, and each new log is another `log`. */
function stillAs(head: RawHead): object {
  if (head === undefined) return { ConditionExpression: 'attribute_not_exists(workspace)' };
  const fields = ['log', 'last'] as const;
  const isSame = (field: string): string =>
    head[field] === undefined ? `attribute_not_exists(#${field})` : `#${field} = :${field}`;
  const known = fields.filter((field) => head[field] !== undefined);
  return {
    ConditionExpression: ['attribute_exists(workspace)', ...fields.map(isSame)].join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(fields.map((field) => [`#${field}`, field])),
    ...(known.length > 0 && {
      ExpressionAttributeValues: Object.fromEntries(known.map((field) => [`:${field}`, head[field]])),
    }),
  };
}
