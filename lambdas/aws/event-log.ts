import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, paginateQuery, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { AppendStore } from '../../core/log/append.ts';
import type { ReadStore, SegmentPage } from '../../core/log/segment-cache.ts';
import { PAGE_SEGMENTS, UnknownFormat } from '../../core/log/segment-cache.ts';
import type { Head, Segment } from '../../core/log/segment.ts';
import { decodeBody, encodeBody, SEGMENT_FORMAT } from '../../core/log/segment.ts';
import { cancellationCodes, isUnreachable } from './dynamodb.ts';

/** The head's place in the sort order; log segments begin at 1. */
const HEAD = 0;

/** `segment` is a reserved word of DynamoDB's expressions, as are `log` and `last`. */
const SEGMENT_NAME = { '#segment': 'segment' };

interface SegmentItem extends Omit<Segment, 'changes'> {
  readonly workspace: string;
  readonly format: number;
  readonly deflated: boolean;
  readonly body: Uint8Array;
}

/** The events table: one log per workspace, a head item and segments. */
export class EventLog implements AppendStore, ReadStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async readHead(workspace: string): Promise<Head | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { workspace, segment: HEAD }, ConsistentRead: true }),
    );
    if (!item) return undefined;
    const { log, last, stream, high, newest = 0, previous, at } = item;
    return { log, last, stream, high, newest, ...(previous && { previous }), at };
  }

  async readSegments(workspace: string, from: number, consistent: boolean): Promise<SegmentPage> {
    const { Items: items = [], LastEvaluatedKey: lastKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'workspace = :workspace AND #segment >= :from',
        ExpressionAttributeNames: SEGMENT_NAME,
        ExpressionAttributeValues: { ':workspace': workspace, ':from': Math.max(from, HEAD + 1) },
        ConsistentRead: consistent,
        Limit: PAGE_SEGMENTS,
      }),
    );
    return { segments: items.map((item) => readSegment(item as SegmentItem)), more: lastKey !== undefined };
  }

  async *readBack(workspace: string, to: number): AsyncIterable<Segment> {
    const query = {
      TableName: this.#table,
      KeyConditionExpression: 'workspace = :workspace AND #segment BETWEEN :first AND :to',
      ExpressionAttributeNames: SEGMENT_NAME,
      ExpressionAttributeValues: { ':workspace': workspace, ':first': HEAD + 1, ':to': to },
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 20,
    };
    for await (const { Items: items = [] } of paginateQuery({ client: this.#client }, query)) {
      for (const item of items) yield readSegment(item as SegmentItem);
    }
  }

  async append(
    workspace: string,
    segment: Segment,
    expected: Head | undefined,
    next: Head,
  ): Promise<boolean> {
    const { changes, ...facts } = segment;
    const item: SegmentItem = { workspace, ...facts, format: SEGMENT_FORMAT, ...encodeBody(changes) };
    const headIsExpected = expected
      ? {
          ConditionExpression: '#log = :log AND #last = :last',
          ExpressionAttributeNames: { '#log': 'log', '#last': 'last' },
          ExpressionAttributeValues: { ':log': expected.log, ':last': expected.last },
        }
      : { ConditionExpression: 'attribute_not_exists(workspace)' };
    try {
      await this.#client.send(
        new TransactWriteCommand({
          TransactItems: [
            {
              Put: {
                TableName: this.#table,
                Item: item,
                ConditionExpression: 'attribute_not_exists(workspace)',
              },
            },
            {
              Put: { TableName: this.#table, Item: { workspace, segment: HEAD, ...next }, ...headIsExpected },
            },
          ],
        }),
      );
      return true;
    } catch (error) {
      const codes = cancellationCodes(error);
      const lostRace = codes?.some(
        (code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict',
      );
      // After a time-out the transaction may have happened: only the log itself can tell.
      if (lostRace || isUnreachable(error)) return false;
      throw error;
    }
  }
}

function readSegment({ workspace, format, deflated, body, ...facts }: SegmentItem): Segment {
  if (format !== SEGMENT_FORMAT) {
    throw new UnknownFormat(`segment ${facts.segment} of workspace ${workspace} has format ${format}`);
  }
  return { ...facts, changes: decodeBody(body, deflated) };
}
