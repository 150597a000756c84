import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Drain } from '../../../core/connections/drain.ts';
import type { ConnectionEnd, EndSource } from '../../../core/connections/end-feed.ts';
import type { StoredConnection } from './connection-item.ts';
import { readAskedEnd } from './connection-item.ts';
import { DrainMarker } from './drain-marker.ts';
import { endedIndex } from './ended-index.ts';

/** What ends streams, in the connections table. */
export class StoredEnds implements EndSource {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #drains: DrainMarker;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
    this.#drains = new DrainMarker(client, table);
  }

  async asked(workspace: string, since: number): Promise<ConnectionEnd[] | 'no index'> {
    try {
      return await this.#query(workspace, since);
    } catch (error) {
      if (isUnready(error)) return 'no index';
      throw error;
    }
  }

  drain(): Promise<Drain | undefined> {
    return this.#drains.read();
  }

  async #query(workspace: string, since: number): Promise<ConnectionEnd[]> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        IndexName: endedIndex,
        KeyConditionExpression: 'workspace = :workspace AND endedAt >= :since',
        ExpressionAttributeValues: { ':workspace': workspace, ':since': since },
      },
    );
    const found: ConnectionEnd[] = [];
    for await (const { Items: items = [] } of pages) {
      for (const item of items) {
        const asked = readAskedEnd(item);
        if (asked) found.push({ ...asked, id: (item as StoredConnection).id });
      }
    }
    return found;
  }
}

/**
 * Whether an index is not there yet, or being filled: CloudFormation adds it to a table that is there already, and does not
 * wait until it can be read. The query is always the same, so nothing else can be wrong with it.
 * Source: GlobalSecondaryIndexes of AWS::DynamoDB::GlobalTable in the CloudFormation template reference.
 */
function isUnready(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationException';
}
