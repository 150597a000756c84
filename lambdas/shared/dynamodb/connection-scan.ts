import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Item } from './items.ts';

/** The connections of all workspaces, as far as it takes to count them: `openTransport` needs no more of an item. */
export class ConnectionScan {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /**
   * What has a deadline, a page at a time: of 1 MB of the table at the most, whose other items stay there. Not consistent,
   * which is half of the units; and what opens or ends meanwhile may be there or not.
   * @param signal breaks it off.
   * @throws what the table throws; an AbortError when it is broken off.
   */
  async *pages(signal: AbortSignal): AsyncIterable<readonly Item[]> {
    const pages = paginateScan(
      { client: this.#client },
      {
        TableName: this.#table,
        FilterExpression: 'attribute_exists(#deadline)',
        ProjectionExpression: '#deadline, #ended, #socket',
        ExpressionAttributeNames: { '#deadline': 'deadline', '#ended': 'ended', '#socket': 'socket' },
      },
      { abortSignal: signal },
    );
    for await (const { Items: items = [] } of pages) yield items;
  }
}
