import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isThrottle } from '../../lambdas/shared/dynamodb/client.ts';
import { GatheredItems } from '../../lambdas/shared/dynamodb/gathered-items.ts';
import { VirtualClock } from '../core/virtual-clock.ts';
import type { FaultyTable } from '../local/faulty-table.ts';
import { startFaultyTable } from '../local/faulty-table.ts';

let table: FaultyTable;
let sdk: DynamoDBClient;
let items: GatheredItems;

beforeAll(async () => {
  table = await startFaultyTable();
  sdk = new DynamoDBClient({ ...table.settings, maxAttempts: 1 });
});
beforeEach(() => {
  table.calls.length = 0;
  table.faults.length = 0;
  items = new GatheredItems({
    client: DynamoDBDocumentClient.from(sdk),
    table: table.tableName,
    keyNames: ['id'],
    clock: new VirtualClock(),
    random: () => 0.5,
  });
});
afterAll(async () => {
  sdk.destroy();
  await table.close();
});

const named = (prefix: string, count: number): { id: string }[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}-${index}` }));
const operations = (): readonly string[] => table.calls.map(({ operation }) => operation);
/** How many items each request was about. */
const sizes = (): readonly number[] =>
  table.calls.map(({ input: { RequestItems: asked } }) => {
    if (asked === undefined) return 1;
    const [one] = Object.values(asked as object) as [unknown[] | { Keys: unknown[] }];
    return 'Keys' in one ? one.Keys.length : one.length;
  });

describe('items that are asked for in the same moment', () => {
  it('go in one request, as many as it takes', async () => {
    const all = named('together', 60);
    await Promise.all(all.map((item) => items.put({ ...item, n: 1 })));
    expect([operations(), sizes()]).toEqual([Array(3).fill('BatchWriteItem'), [25, 25, 10]]);
    table.calls.length = 0;

    const asked = [...all, ...named('never-written', 50)];
    const found = await Promise.all(asked.map((key) => items.get(key, 'consistent')));
    expect([operations(), sizes()]).toEqual([Array(2).fill('BatchGetItem'), [100, 10]]);
    expect(found).toEqual([
      ...all.map((item) => ({ ...item, n: 1 })),
      ...Array<undefined>(50).fill(undefined),
    ]);
    table.calls.length = 0;

    await Promise.all(all.map((key) => items.remove(key)));
    expect([operations(), sizes()]).toEqual([Array(3).fill('BatchWriteItem'), [25, 25, 10]]);
    expect(await items.get(all[59]!, 'consistent')).toBeUndefined();
  });

  it('are read once when they are the same one', async () => {
    await items.put({ id: 'shared', n: 1 });
    const keys = [{ id: 'shared' }, { id: 'other' }, { id: 'shared' }];
    table.calls.length = 0;
    const found = await Promise.all(keys.map((key) => items.get(key, 'eventual')));
    expect(found).toEqual([{ id: 'shared', n: 1 }, undefined, { id: 'shared', n: 1 }]);
    expect(sizes()).toEqual([2]);
  });

  it('are read with the consistency that each asks for', async () => {
    await Promise.all([
      ...named('a', 2).map((key) => items.get(key, 'consistent')),
      ...named('b', 2).map((key) => items.get(key, 'eventual')),
    ]);
    const isConsistent = table.calls.map(({ input }) =>
      JSON.stringify(input).includes('"ConsistentRead":true'),
    );
    expect(new Set(isConsistent)).toEqual(new Set([false, true]));
    expect(isConsistent).toHaveLength(2);
  });

  it('see what was written before', async () => {
    const keys = named('written', 30);
    const found = await Promise.all(
      keys.map(async (key) => {
        await items.put(key);
        return items.get(key, 'consistent');
      }),
    );
    expect(found).toEqual(keys);
  });
});

describe('an item that is asked for alone', () => {
  it('is asked for as it would be without the others', async () => {
    await items.put({ id: 'alone' });
    await items.get({ id: 'alone' }, 'consistent');
    await items.remove({ id: 'alone' });
    expect(operations()).toEqual(['PutItem', 'GetItem', 'DeleteItem']);
  });

  it('waits for nothing where nothing came just before, and a moment where something did', async () => {
    const clock = new VirtualClock();
    const client = DynamoDBDocumentClient.from(sdk);
    const { tableName } = table;
    const quiet = new GatheredItems({ client, table: tableName, keyNames: ['id'], clock, random: () => 0.5 });
    const begin = clock.now();
    await quiet.get({ id: 'first' }, 'consistent');
    expect(clock.now()).toBe(begin);
    await quiet.get({ id: 'second' }, 'consistent');
    expect(clock.now()).toBeGreaterThan(begin);
    const then = clock.now();
    await clock.sleep(60_000);
    await quiet.get({ id: 'third' }, 'consistent');
    expect(clock.now()).toBe(then + 60_000);
  });
});

describe('items that a table leaves undone', () => {
  it('are asked for again, they alone', async () => {
    const all = named('undone', 20);
    table.faults.push({ kind: 'unprocessed', processed: 5 }, { kind: 'unprocessed', processed: 5 });
    await Promise.all(all.map((item) => items.put(item)));
    expect(sizes()).toEqual([20, 15, 10]);
    table.calls.length = 0;
    table.faults.push({ kind: 'unprocessed', processed: 5 }, { kind: 'unprocessed', processed: 5 });
    expect(await Promise.all(all.map((key) => items.get(key, 'consistent')))).toEqual(all);
    expect(sizes()).toEqual([20, 15, 10]);
  });

  it('fail in the end as what is too much for the table, and the others do not', async () => {
    const all = named('stuck', 10);
    const outcome = (work: readonly Promise<unknown>[]): Promise<readonly boolean[]> =>
      Promise.all(work.map((each) => each.then(() => false, isThrottle)));
    const kinds: readonly ((item: { id: string }) => Promise<unknown>)[] = [
      (item) => items.put(item),
      (key) => items.get(key, 'consistent'),
      (key) => items.remove(key),
    ];
    for (const kind of kinds) {
      table.faults.push(...Array.from({ length: 8 }, () => ({ kind: 'unprocessed', processed: 1 }) as const));
      expect(await outcome(all.map(kind))).toEqual(all.map((_, index) => index >= 8));
      table.faults.push({ kind: 'unprocessed', processed: 4 }, { kind: 'throttle' });
      expect(await outcome(all.map(kind))).toEqual(all.map((_, index) => index >= 4));
    }
  });

  it('all fail with the request, and the next request does not', async () => {
    table.faults.push({ kind: 'throttle' });
    const failed = await Promise.allSettled(named('refused', 3).map((item) => items.put(item)));
    expect(failed.map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
    await Promise.all(named('refused', 3).map((item) => items.put(item)));
    expect(await items.get({ id: 'refused-2' }, 'consistent')).toEqual({ id: 'refused-2' });
  });
});
