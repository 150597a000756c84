import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDatabase } from '../../local/data/database.ts';
import type { Database } from '../../local/data/database.ts';
import { DatabaseClient } from '../../local/data/database-client.ts';
import type { Deliver, DiscardedBatch } from '../../local/data/pump/batch-delivery.ts';
import { Checkpoints } from '../../local/data/pump/checkpoints.ts';
import { storeFailedBatch } from '../../local/data/pump/failed-batch-store.ts';
import { readMappingSettings } from '../../local/data/pump/mapping.ts';
import { StreamPump } from '../../local/data/pump/stream-pump.ts';
import type { StreamRecord } from '../../local/data/pump/stream-record.ts';
import { sweepExpiredItems } from '../../local/data/expiry-sweep.ts';
import { createTables } from '../../local/data/tables.ts';
import type { LocalTable } from '../../local/data/tables.ts';
import { StackTemplate } from '../../local/template/stack-template.ts';

let database: Database;
let client: DatabaseClient;
let directory: string;
let tableNumber = 0;

beforeAll(async () => {
  database = await startDatabase({ endpoint: process.env.DYNAMODB_ENDPOINT });
  client = new DatabaseClient(database.endpoint);
  directory = await mkdtemp(path.join(tmpdir(), 'taskwire-pump-'));
});

afterAll(async () => {
  client.close();
  await database.close();
  await rm(directory, { recursive: true });
});

const tableResource = {
  Type: 'AWS::DynamoDB::GlobalTable',
  Properties: {
    AttributeDefinitions: [
      { AttributeName: 'workspace', AttributeType: 'S' },
      { AttributeName: 'id', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'workspace', KeyType: 'HASH' },
      { AttributeName: 'id', KeyType: 'RANGE' },
    ],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
  },
};

async function createTable(): Promise<LocalTable> {
  const template = new StackTemplate(
    {
      stackName: 'Test',
      template: { Resources: { Tasks: tableResource } },
      assetDirectories: new Map(),
      constructPaths: new Map(),
    },
    `pump-${process.pid}-${Date.now()}-${++tableNumber}`,
    {},
  );
  const [table] = await createTables(template, client);
  if (table === undefined) throw new Error('no table');
  return table;
}

async function put(table: LocalTable, id: number, more: object = {}): Promise<void> {
  await client.call('DynamoDB_20120810.PutItem', {
    TableName: table.name,
    Item: { workspace: { S: 'w' }, id: { N: String(id) }, ...more },
  });
}

function createPump(
  table: LocalTable,
  deliver: Deliver,
  properties: object = {},
  discard: (batch: DiscardedBatch, shardId: string) => Promise<void> = () => Promise.resolve(),
  checkpoints = new Checkpoints(undefined),
): StreamPump {
  if (table.stream === undefined) throw new Error('no stream');
  return new StreamPump({
    database: client,
    stream: table.stream,
    settings: readMappingSettings('Mapping', {
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...properties,
    }),
    checkpoints,
    deliver,
    discard,
    authorize: () => {},
    onError: (message) => {
      throw new Error(message);
    },
  });
}

function ids(records: readonly StreamRecord[]): number[] {
  return records.map((record) => Number((record.dynamodb.Keys.id as { N: string }).N));
}

describe('the stream pump', () => {
  it('delivers every record once, in order, in batches of the size, from the beginning of the stream', async () => {
    const table = await createTable();
    await put(table, 1);
    const batches: number[][] = [];
    const pump = createPump(
      table,
      (records) => {
        batches.push(ids(records));
        return Promise.resolve();
      },
      { BatchSize: 10 },
    );
    await pump.start();
    for (let id = 2; id <= 35; id++) await put(table, id);
    await pump.drained();
    await pump.close();
    expect(batches.flat()).toEqual(Array.from({ length: 35 }, (_, index) => index + 1));
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(10);
  });

  it('delivers records of the shape that Lambda passes on', async () => {
    const table = await createTable();
    await put(table, 1, { name: { S: 'a' } });
    const received: StreamRecord[] = [];
    const pump = createPump(table, (records) => Promise.resolve(void received.push(...records)));
    await pump.start();
    await pump.drained();
    await pump.close();
    expect(received).toEqual([
      {
        eventID: expect.any(String),
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'us-east-1',
        eventSourceARN: expect.stringMatching(
          /^arn:aws:dynamodb:us-east-1:000000000000:table\/[^/]+\/stream\/.+$/,
        ),
        dynamodb: {
          ApproximateCreationDateTime: expect.any(Number),
          Keys: { workspace: { S: 'w' }, id: { N: '1' } },
          NewImage: { workspace: { S: 'w' }, id: { N: '1' }, name: { S: 'a' } },
          SequenceNumber: expect.stringMatching(/^\d+$/),
          SizeBytes: expect.any(Number),
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
      },
    ]);
  });

  it('drops what the filter does not let pass', async () => {
    const table = await createTable();
    for (const id of [0, 1, 0, 2]) await put(table, id, { at: { N: String(id) } });
    const received: number[] = [];
    const Pattern = JSON.stringify({ dynamodb: { Keys: { id: { N: [{ 'anything-but': ['0'] }] } } } });
    const pump = createPump(table, (records) => Promise.resolve(void received.push(...ids(records))), {
      FilterCriteria: { Filters: [{ Pattern }] },
    });
    await pump.start();
    await pump.drained();
    await pump.close();
    expect(received).toEqual([1, 2]);
  });

  it('is drained only when the failed records are done', async () => {
    const table = await createTable();
    const batches: number[][] = [];
    const pump = createPump(table, (records) => {
      batches.push(ids(records));
      const itemIdentifier = records.at(-1)?.dynamodb.SequenceNumber;
      return Promise.resolve(batches.length < 3 ? { batchItemFailures: [{ itemIdentifier }] } : undefined);
    });
    for (const id of [1, 2]) await put(table, id);
    await pump.start();
    await pump.drained();
    await pump.close();
    expect(batches).toEqual([[1, 2], [2], [2]]);
  });

  it('goes on after its checkpoint', async () => {
    const table = await createTable();
    const file = path.join(directory, 'checkpoints.json');
    const received: number[] = [];
    const runOnce = async (): Promise<void> => {
      const deliver: Deliver = (records) => Promise.resolve(void received.push(...ids(records)));
      const pump = createPump(table, deliver, {}, undefined, new Checkpoints(file));
      await pump.start();
      await pump.drained();
      await pump.close();
    };
    await put(table, 1);
    await runOnce();
    await put(table, 2);
    await runOnce();
    expect(received).toEqual([1, 2]);
  });

  it('stores a batch that is given up as Lambda does, with its payload', async () => {
    const table = await createTable();
    const { stream } = table;
    if (stream === undefined) throw new Error('no stream');
    await put(table, 1);
    const stored: string[] = [];
    const pump = createPump(
      table,
      () => Promise.reject(new Error('down')),
      { MaximumRetryAttempts: 1 },
      async (batch, shardId) => {
        const origin = {
          bucketDirectory: directory,
          mappingId: 'Mapping',
          functionArn: 'arn:f',
          stream,
          shardId,
        };
        stored.push(await storeFailedBatch(batch, origin, new Date('2026-01-02T03:04:05.678Z')));
      },
    );
    await pump.start();
    await pump.drained();
    await pump.close();
    expect(stored).toHaveLength(1);
    expect(
      path
        .relative(directory, stored[0] ?? '')
        .split(path.sep)
        .join('/'),
    ).toMatch(/^aws\/lambda\/Mapping\/shardId-[^/]+\/2026\/01\/02\/2026-01-02T03\.04\.05-[0-9a-f-]{36}$/);
    const record = JSON.parse(await readFile(stored[0] ?? '', 'utf8')) as { payload: string };
    expect(record).toMatchObject({
      version: '1.0',
      timestamp: '2026-01-02T03:04:05.678Z',
      requestContext: {
        condition: 'RetryAttemptsExhausted',
        functionArn: 'arn:f',
        approximateInvokeCount: 2,
      },
      responseContext: { statusCode: 200, functionError: 'Unhandled' },
      DDBStreamBatchInfo: { batchSize: 1, streamArn: stream.arn },
    });
    expect(ids((JSON.parse(record.payload) as { Records: StreamRecord[] }).Records)).toEqual([1]);
  });

  it('does not start without the right to read the stream', async () => {
    const table = await createTable();
    if (table.stream === undefined) throw new Error('no stream');
    const pump = new StreamPump({
      database: client,
      stream: table.stream,
      settings: readMappingSettings('Mapping', { StartingPosition: 'LATEST' }),
      checkpoints: new Checkpoints(undefined),
      deliver: () => Promise.resolve(),
      discard: () => Promise.resolve(),
      authorize: (action, resource) => {
        throw new Error(`${action} ${resource}`);
      },
      onError: () => {},
    });
    await expect(pump.start()).rejects.toThrow(`dynamodb:DescribeStream ${table.stream.arn}`);
    await pump.close();
  });

  it('does not accept a mapping with settings that it does not act on', () => {
    const read = (properties: object) => () =>
      readMappingSettings('Mapping', { StartingPosition: 'LATEST', ...properties });
    expect(read({ TumblingWindowInSeconds: 5 })).toThrow('TumblingWindowInSeconds');
    expect(read({ ParallelizationFactor: 2 })).toThrow('ParallelizationFactor');
    expect(read({ StartingPosition: 'AT_TIMESTAMP' })).toThrow('AT_TIMESTAMP');
  });
});

describe('the sweep of expired items', () => {
  it('deletes what has expired in the last five years, and nothing else', async () => {
    const table = await createTable();
    const now = 2_000_000_000;
    const expiries = [now - 1, now + 1, now, now - 6 * 365 * 86_400];
    for (const [index, expires] of expiries.entries())
      await put(table, index + 1, { expires: { N: String(expires) } });
    await put(table, 5);
    expect(await sweepExpiredItems(client, table, now)).toBe(1);
    const { Items } = await client.call<{ Items: Array<{ id: { N: string } }> }>('DynamoDB_20120810.Scan', {
      TableName: table.name,
    });
    expect(Items.map(({ id }) => id.N).toSorted((a, b) => Number(a) - Number(b))).toEqual([
      '2',
      '3',
      '4',
      '5',
    ]);
  });
});
