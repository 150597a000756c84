import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { cutAt, mostTokens } from '../../core/connections/revocation.ts';
import { RevocationStore } from '../../lambdas/shared/dynamodb/revocation-store.ts';

const alice = { workspace: 'acme', user: 'alice' };
const now = 1_700_000_000_000;
const cut = cutAt(now, 3600);

type Item = Readonly<Record<string, unknown>>;

/** A connections table in memory, as far as revocations use it; counts the items that were read from each partition. */
class Table {
  readonly items = new Map<string, Item>();
  readonly read: string[] = [];

  readonly client = {
    send: async (command: GetCommand | PutCommand): Promise<object> => {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      return command instanceof PutCommand ? this.#put(command) : this.#get(command);
    },
  } as unknown as DynamoDBDocumentClient;

  put(item: Item): void {
    this.items.set(JSON.stringify([item['workspace'], item['connection']]), item);
  }

  #put({ input: { Item: item = {}, ExpressionAttributeValues: values } }: PutCommand): object {
    const before = this.items.get(JSON.stringify([item['workspace'], item['connection']]));
    if (before?.['revision'] !== values?.[':revision']) {
      throw new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
    }
    this.put(item);
    return {};
  }

  #get({ input: { Key: key = {} } }: GetCommand): object {
    this.read.push(String(key['workspace']));
    return { Item: this.items.get(JSON.stringify([key['workspace'], key['connection']])) };
  }
}

describe('the revocations of a user', () => {
  it('lose none of many that come at once', async () => {
    const table = new Table();
    const store = new RevocationStore(table.client, 'connections');
    const names = Array.from({ length: 12 }, (_, index) => `token ${index}`);
    await Promise.all([
      ...names.map((name) => store.revokeTokens(alice, [[name, now + 60_000]], now, cut)),
      store.revokeBefore(alice, cut),
    ]);
    const { notBefore, tokens } = await store.read(alice);
    expect([notBefore, [...tokens].toSorted()]).toEqual([cut.notBefore, names.toSorted()]);
    expect(await store.read({ ...alice, user: 'bob' })).toEqual({ notBefore: undefined, tokens: new Set() });
  });

  it('are one item in a partition of its own, however many single tokens there were', async () => {
    const table = new Table();
    const store = new RevocationStore(table.client, 'connections');
    for (let count = 0; count <= mostTokens; count += 1) {
      await store.revokeTokens(alice, [[`token ${count}`, now + 60_000]], now, cut);
    }
    table.read.length = 0;
    expect(await store.read(alice)).toEqual({ notBefore: cut.notBefore, tokens: new Set() });
    expect(table.read).toEqual(['acme#revocation#alice']);
    expect([...table.items.values()][0]).toMatchObject({ expires: Math.ceil(cut.expiresAt / 1000) });
  });

  it('are not shortened by a clock that is behind', async () => {
    const store = new RevocationStore(new Table().client, 'connections');
    await store.revokeBefore(alice, cut);
    await store.revokeBefore(alice, cutAt(now - 60_000, 3600));
    expect(await store.read(alice)).toMatchObject({ notBefore: cut.notBefore });
  });
});
