import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { ConnectionKey, SeenState } from '../../../core/connections/connection.ts';
import type { ConnectionStates } from '../../../core/connections/connection-watch.ts';
import type { Drain } from '../../../core/connections/drain.ts';
import type { Key } from './connection-item.ts';
import { keyOf, nameOf, readState } from './connection-item.ts';
import { DrainMarker } from './drain-marker.ts';

/** What others have written about open streams in the connections table. */
export class StoredConnectionStates implements ConnectionStates {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #drains: DrainMarker;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
    this.#drains = new DrainMarker(client, table);
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
}
