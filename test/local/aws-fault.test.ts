import { setTimeout as wait } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { startAwsEndpoint } from '../../local/data/aws-endpoint.ts';
import type { AwsEndpoint } from '../../local/data/aws-endpoint.ts';
import type { AwsCall, AwsFault } from '../../local/data/aws-fault.ts';
import { startDatabase } from '../../local/data/database.ts';
import type { Database } from '../../local/data/database.ts';
import { DatabaseClient } from '../../local/data/database-client.ts';
import { AccessControl } from '../../local/iam/access-control.ts';
import { localRegion, tableArn } from '../../local/template/stack-template.ts';

const TableName = `faults-${process.pid}-${Date.now()}`;
const accessKeyId = 'LOCALFAULTS';
const momentMs = 300;
let database: Database;
let full: DatabaseClient;
let endpoint: AwsEndpoint;
let client: DynamoDBClient;
/** As `client`, but waits for an answer no longer than a moment. */
let hasty: DynamoDBClient;
const calls: AwsCall[] = [];
let faults: (AwsFault | undefined)[] = [];

beforeAll(async () => {
  database = await startDatabase({ endpoint: process.env.DYNAMODB_ENDPOINT });
  full = new DatabaseClient(database.endpoint);
  await full.call('DynamoDB_20120810.CreateTable', {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const access = new AccessControl();
  access.register(accessKeyId, {
    functionName: 'sample',
    roleName: 'SampleRole',
    accountId: '000000000000',
    statements: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: tableArn(TableName) }],
  });
  endpoint = await startAwsEndpoint({
    database: full,
    access,
    onWrite: () => {},
    onCall: async (call) => {
      calls.push(call);
      await wait(0);
      return faults.shift();
    },
  });
  const settings = {
    endpoint: endpoint.url,
    region: localRegion,
    credentials: { accessKeyId, secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  client = new DynamoDBClient(settings);
  hasty = new DynamoDBClient({
    ...settings,
    requestHandler: { requestTimeout: momentMs, throwOnRequestTimeout: true },
  });
});

afterEach(() => {
  calls.length = 0;
  faults = [];
});

afterAll(async () => {
  client.destroy();
  hasty.destroy();
  await endpoint.close();
  await full.call('DynamoDB_20120810.DeleteTable', { TableName });
  full.close();
  await database.close();
});

const item = (id: string): { id: { S: string } } => ({ id: { S: id } });
const put = (id: string): PutItemCommand => new PutItemCommand({ TableName, Item: item(id) });
const putTogether = (...ids: string[]): TransactWriteItemsCommand =>
  new TransactWriteItemsCommand({ TransactItems: ids.map((id) => ({ Put: { TableName, Item: item(id) } })) });

async function exists(id: string): Promise<boolean> {
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: item(id), ConsistentRead: true }));
  return Item !== undefined;
}

describe('faults at the AWS endpoint', () => {
  it('are decided by who calls what on which table', async () => {
    await client.send(put('plain'));
    expect(calls).toEqual([
      {
        functionName: 'sample',
        operation: 'PutItem',
        tables: [tableArn(TableName)],
        input: expect.objectContaining({ Item: item('plain') }),
      },
    ]);
    expect(await exists('plain')).toBe(true);
  });

  it.each(['ProvisionedThroughputExceededException', 'ThrottlingException'] as const)(
    'refuse a call for load: %s',
    async (code) => {
      faults = [{ kind: 'throttle', code }];
      await expect(client.send(put(code))).rejects.toMatchObject({ name: code });
      expect(await exists(code)).toBe(false);
    },
  );

  it.each([
    [{ kind: 'throttle' }, 'ThrottlingError'],
    [{ kind: 'conflict' }, 'TransactionConflict'],
  ] as const)('cancel a transaction: %j', async (fault, code) => {
    faults = [fault];
    await expect(client.send(putTogether('one', 'two'))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: code }, { Code: 'None' }],
    });
    expect(await exists('one')).toBe(false);
  });

  it('tell a single write of the transaction that it met', async () => {
    faults = [{ kind: 'conflict' }];
    await expect(client.send(put('single'))).rejects.toMatchObject({ name: 'TransactionConflictException' });
  });

  it.each([
    ['before it happens', { kind: 'drop', when: 'before' }, false],
    ['after it has happened', { kind: 'drop', when: 'after' }, true],
  ] as const)('break the connection %s', async (name, fault, happens) => {
    faults = [fault];
    await expect(client.send(put(name))).rejects.toThrow('socket hang up');
    expect(await exists(name)).toBe(happens);
  });

  it('leave a write that has happened without an answer', async () => {
    const happened = Promise.withResolvers<void>();
    faults = [{ kind: 'stall', onHappened: happened.resolve }];
    const patience = new AbortController();
    const answer = client.send(putTogether('stalled'), { abortSignal: patience.signal });
    // Only from here on: a time limit from the beginning could be over before the write has reached the database.
    await happened.promise;
    expect(await Promise.race([answer, wait(momentMs, 'nothing')])).toBe('nothing');
    patience.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(await exists('stalled')).toBe(true);
  });

  it('answer late', async () => {
    faults = [{ kind: 'delay', milliseconds: 1000 }];
    await expect(hasty.send(put('late'))).rejects.toMatchObject({ name: 'TimeoutError' });
    faults = [{ kind: 'delay', milliseconds: 1 }];
    await client.send(put('later'));
    expect(await exists('later')).toBe(true);
  });

  it('leave keys of a batch unprocessed', async () => {
    await client.send(putTogether('x', 'y', 'z'));
    faults = [{ kind: 'unprocessed', processed: 1 }];
    const Keys = ['x', 'y', 'z'].map(item);
    const answer = await client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
    );
    expect(answer.Responses?.[TableName]).toEqual([item('x')]);
    expect(answer.UnprocessedKeys?.[TableName]).toMatchObject({
      Keys: [item('y'), item('z')],
      ConsistentRead: true,
    });
  });
});
