import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand, paginateListTables } from '@aws-sdk/client-dynamodb';

/** A mapping polls about once a second, here as on AWS. */
const limitMs = 30_000;
const pauseMs = 250;

/**
 * Waits until the fan-out has appended so many segments to the log of a workspace: what was written through the API has
 * then come through the engine's stream, mapping and function.
 * @param account the 12 digits that the engine takes from the access key.
 * @throws {Error} when they are not there in time.
 */
export async function waitForSegments(
  engineUrl: string,
  account: string,
  region: string,
  workspace: string,
  count: number,
): Promise<void> {
  const credentials = { accessKeyId: account, secretAccessKey: 'none' };
  const client = new DynamoDBClient({ endpoint: engineUrl, region, credentials });
  try {
    const table = await eventsTable(client);
    const head = { workspace: { S: workspace }, segment: { N: '0' } };
    const end = performance.now() + limitMs;
    for (;;) {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: head }));
      const last = Number(Item?.['last']?.N ?? 0);
      if (last >= count) return console.log(`✓ the fan-out has appended ${last} segments`);
      if (performance.now() > end) {
        throw new Error(`the fan-out appended ${last} segments in ${limitMs / 1000} s; wanted ${count}`);
      }
      await wait(pauseMs);
    }
  } finally {
    client.destroy();
  }
}

async function eventsTable(client: DynamoDBClient): Promise<string> {
  for await (const { TableNames } of paginateListTables({ client }, {})) {
    const found = TableNames?.find((name) => name.includes('EventsTable'));
    if (found !== undefined) return found;
  }
  throw new Error('the engine has no events table');
}
