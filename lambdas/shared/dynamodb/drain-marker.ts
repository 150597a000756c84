import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, paginateScan, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Drain } from '../../../core/connections/drain.ts';
import { leastDrainSpreadMs } from '../../../core/connections/drain.ts';

/** The marker that asks streams to end; no workspace can have this name. */
const drainKey = { workspace: '#drain', connection: '#drain' };

/** What asks all streams to end that opened before a time, in the connections table. */
export class DrainMarker {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** The last drain; undefined where there was none. */
  async read(): Promise<Drain | undefined> {
    const { Item: item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key: drainKey }));
    const { before, spreadMs } = item ?? {};
    if (typeof before !== 'number') return undefined;
    return { before, spreadMs: typeof spreadMs === 'number' ? spreadMs : leastDrainSpreadMs };
  }

  /** How many streams there are in all workspaces at a time (epoch ms); it reads the whole table. */
  async countStreams(now: number): Promise<number> {
    const scan = {
      TableName: this.#table,
      Select: 'COUNT',
      FilterExpression: '#deadline > :now',
      ExpressionAttributeNames: { '#deadline': 'deadline' },
      ExpressionAttributeValues: { ':now': now },
    } as const;
    let count = 0;
    for await (const page of paginateScan({ client: this.#client }, scan)) count += page.Count ?? 0;
    return count;
  }

  /** Asks all streams to end that opened before a time. */
  async write({ before, spreadMs }: Drain): Promise<void> {
    await this.#client.send(
      new PutCommand({ TableName: this.#table, Item: { ...drainKey, before, spreadMs } }),
    );
  }
}
