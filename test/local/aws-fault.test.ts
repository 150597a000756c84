import { setTimeout as wait } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { tableArn } from '../../local/template/stack-template.ts';
import type { FaultyTable } from './faulty-table.ts';
import { startFaultyTable } from './faulty-table.ts';

const momentMs = 300;
let table: FaultyTable;
let TableName: string;
let client: DynamoDBClient;
/** As `client`, but waits for an answer no longer than a moment. */
let hasty: DynamoDBClient;

beforeAll(async () => {
  table = await startFaultyTable();
  TableName = table.tableName;
  const settings = { ...table.settings, maxAttempts: 1 };
  client = new DynamoDBClient(settings);
  hasty = new DynamoDBClient({
    ...settings,
    requestHandler: { requestTimeout: momentMs, throwOnRequestTimeout: true },
  });
});

afterEach(() => {
  table.calls.length = 0;
  table.faults.length = 0;
});

afterAll(async () => {
  client.destroy();
  hasty.destroy();
  await table.close();
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
    expect(table.calls).toEqual([
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
      table.faults.push({ kind: 'throttle', code });
      await expect(client.send(put(code))).rejects.toMatchObject({ name: code });
      expect(await exists(code)).toBe(false);
    },
  );

  it.each([
    [{ kind: 'throttle' }, 'ThrottlingError'],
    [{ kind: 'conflict' }, 'TransactionConflict'],
  ] as const)('cancel a transaction: %j', async (fault, code) => {
    table.faults.push(fault);
    await expect(client.send(putTogether('one', 'two'))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: code }, { Code: 'None' }],
    });
    expect(await exists('one')).toBe(false);
  });

  it('tell a single write of the transaction that it met', async () => {
    table.faults.push({ kind: 'conflict' });
    await expect(client.send(put('single'))).rejects.toMatchObject({ name: 'TransactionConflictException' });
  });

  it.each([
    ['before it happens', { kind: 'drop', when: 'before' }, false],
    ['after it has happened', { kind: 'drop', when: 'after' }, true],
  ] as const)('break the connection %s', async (name, fault, happens) => {
    table.faults.push(fault);
    await expect(client.send(put(name))).rejects.toThrow('socket hang up');
    expect(await exists(name)).toBe(happens);
  });

  it('leave a write that has happened without an answer', async () => {
    const happened = Promise.withResolvers<void>();
    table.faults.push({ kind: 'stall', onHappened: happened.resolve });
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
    table.faults.push({ kind: 'delay', milliseconds: 1000 });
    await expect(hasty.send(put('late'))).rejects.toMatchObject({ name: 'TimeoutError' });
    table.faults.push({ kind: 'delay', milliseconds: 1 });
    await client.send(put('later'));
    expect(await exists('later')).toBe(true);
  });

  it('leave writes of a batch undone', async () => {
    table.faults.push({ kind: 'unprocessed', processed: 1 });
    const writes = ['first', 'second'].map((id) => ({ PutRequest: { Item: item(id) } }));
    const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: writes } }));
    expect(answer.UnprocessedItems?.[TableName]).toEqual([writes[1]]);
    expect([await exists('first'), await exists('second')]).toEqual([true, false]);
  });

  it('leave keys of a batch unprocessed', async () => {
    await client.send(putTogether('x', 'y', 'z'));
    table.faults.push({ kind: 'unprocessed', processed: 1 });
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
