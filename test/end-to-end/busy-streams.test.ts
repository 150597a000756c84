import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { setTimeout as wait } from 'node:timers/promises';
import { TestStack } from './stack.ts';

const bob = { sub: 'bob', workspace: 'hanging' };

describe('a connections table that does not answer', () => {
  let stack: TestStack;
  let hangs = false;
  /** When each operation was first asked for while nothing answers. */
  const askedAt = new Map<string, number>();
  beforeAll(async () => {
    stack = await TestStack.start({
      onAwsCall: ({ functionName, operation }) => {
        if (!hangs || functionName !== 'stream' || !/^(Put|Delete)Item$/.test(operation)) return undefined;
        if (!askedAt.has(operation)) askedAt.set(operation, performance.now());
        return { kind: 'stall' };
      },
    });
  });
  afterAll(() => stack.close());

  async function itemsOf({ workspace, sub }: typeof bob): Promise<number> {
    const { Count: count = 0 } = await stack.database.send(
      new QueryCommand({
        TableName: stack.local.tables['connections']!,
        Select: 'COUNT',
        KeyConditionExpression: 'workspace = :workspace AND begins_with(#connection, :user)',
        ExpressionAttributeNames: { '#connection': 'connection' },
        ExpressionAttributeValues: { ':workspace': workspace, ':user': `${sub}#` },
        ConsistentRead: true,
      }),
    );
    return count;
  }

  it('is told as trouble before the edge gives up waiting, and leaves no item behind', async () => {
    hangs = true;
    const token = await stack.local.issuer.sign(bob);
    const asked = performance.now();
    const refused = await stack.send('GET', `/sse/connect?token=${token}`);
    const tookMs = performance.now() - asked;
    expect(refused.status).toBe(200);
    expect(refused.body).toContain('event: end\ndata: {"reason":"trouble","reconnect":true}');
    // To put the item takes 20 s until it fails, and to remove it 20 s more; the edge waits 30 s.
    while (!askedAt.has('DeleteItem')) await wait(100);
    const putMs = askedAt.get('DeleteItem')! - askedAt.get('PutItem')!;
    expect(tookMs).toBeLessThan(1.5 * putMs);
    hangs = false;
    while ((await itemsOf(bob)) > 0) await wait(100);
    const stream = await stack.connect(bob);
    expect(stream.frames[0]!.data).toMatchObject({ type: 'connection.established' });
  });

  it('is 503 for a client that asks for the status', async () => {
    hangs = true;
    const token = await stack.local.issuer.sign(bob);
    const headers = { 'x-taskwire-errors': 'status' };
    const refused = await stack.send('GET', `/sse/connect?token=${token}`, { headers });
    hangs = false;
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(refused.headers.get('retry-after')).toBe('5');
  });
});
