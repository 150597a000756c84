import { randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { connectionsOf, disconnect, idOf, lastFrame } from './open-streams.ts';
import { PageStream } from './page-stream.ts';
import { TestStack } from './stack.ts';
import type { StreamClient } from './stream-client.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({
    environment: { CONNECTIONS_PER_USER: '3', CONNECTIONS_PER_WORKSPACE: '5' },
  });
});
afterAll(() => stack.close());

const alice = { sub: 'alice', workspace: 'limits' };
const bob = { sub: 'bob', workspace: 'limits' };

/** A page with the contract's own client, when its stream is open. */
async function openPage(who: { sub: string; workspace: string }): Promise<PageStream> {
  const token = await stack.local.issuer.sign(who);
  const page = new PageStream(`${stack.local.url}/sse/connect?token=${token}`);
  await page.untilOpen();
  return page;
}

describe('limits', () => {
  it('a newer stream over the limit of a user asks the oldest whether it is still there, and nobody else', async () => {
    const other = await stack.connect(bob);
    const streams: StreamClient[] = [];
    for (let count = 0; count < 4; count += 1) streams.push(await stack.connect(alice));
    const { data, id } = await lastFrame(streams[0]!);
    expect(data).toEqual({ reason: 'liveness_check', reconnect: true });
    expect(id).toMatch(/\.after-[0-9a-f]{8}-[0-9a-z]{8}$/);
    expect((await connectionsOf(stack, 'alice', 'limits')).toSorted()).toEqual(
      streams.slice(1).map(idOf).toSorted(),
    );
    for (const stream of streams.slice(1)) await disconnect(stack, stream, alice);
    await disconnect(stack, other, bob);
  });

  it('leave a kept page alone while another is loaded again and again, and only closes its stream', async () => {
    const reloading = { sub: 'reloading', workspace: 'reloads' };
    const kept = await openPage(reloading);
    for (let count = 0; count < 25; count += 1) (await openPage(reloading)).source.close();
    const { task } = (await stack.request(reloading, 'POST', '/tasks', { name: 'still heard' })).body;
    await kept.until(() => kept.heard.includes(task.id as number));
    // It was asked, and may have had to wait for streams to end: it was never sent away.
    expect(kept.reasons).not.toContain('connection_limit');
    kept.source.close();
  });

  it('end the page for good that came first, when all of them have shown that they are still there', async () => {
    const pages = [];
    for (let count = 0; count < 4; count += 1)
      pages.push(await openPage({ sub: 'many', workspace: 'pages' }));
    const [first, ...others] = pages as [PageStream, ...PageStream[]];
    await first.until(() => first.reasons.includes('connection_limit'));
    expect(first.source.retryMs).toBe(86_400_000);
    first.source.cut();
    await first.until(() => !first.source.isAlive);
    expect(first.source.finalStatus).toBe(204);
    // Nobody else was, and each was asked once at the most.
    for (const { reasons, source } of others) {
      expect([[], ['liveness_check']]).toContainEqual(reasons);
      source.close();
    }
  });

  it('count what was asked to end until it has; its user is told to come back, without stopping an EventSource', async () => {
    const leaving = { sub: 'leaving', workspace: 'leaves' };
    const now = Date.now();
    const put = (id: string, endedAt: number): Promise<unknown> => {
      const ended = { deadline: now + 60_000, ended: 'disconnected', endedAt };
      const item = {
        ...leaving,
        connection: `leaving#${id}`,
        user: 'leaving',
        id,
        connectedAt: now,
        ...ended,
      };
      return stack.database.send(
        new PutCommand({ TableName: stack.local.tables['connections'], Item: item }),
      );
    };
    const ids = Array.from({ length: 5 }, () => randomUUID());
    await Promise.all(ids.map((id) => put(id, now)));
    const path = `/sse/connect?token=${await stack.local.issuer.sign(leaving)}`;
    const passing = await stack.send('GET', path);
    expect([passing.status, passing.body]).toEqual([
      200,
      expect.stringMatching(
        /^:\nretry: \d+\nevent: end\ndata: \{"reason":"user_limit","reconnect":true\}\n\n$/,
      ),
    ]);
    const plain = await stack.send('GET', path, { headers: { 'x-taskwire-errors': 'status' } });
    expect(plain).toMatchObject({ status: 429, body: { code: 'user_limit' } });
    expect(plain.headers.get('retry-after')).toBe('5');
    // Nobody removes the item of a session that has died.
    await Promise.all(ids.map((id) => put(id, now - 30_000)));
    const stream = await stack.connect(leaving);
    expect(stream.frames[0]!.data.type).toBe('connection.established');
  });

  it('tells a user without a stream of its own to come back to a full workspace, without stopping an EventSource', async () => {
    const full = { workspace: 'full' };
    const users = ['a', 'b', 'c', 'd', 'e'].map((sub) => ({ ...full, sub }));
    const streams: StreamClient[] = [];
    for (const user of users) streams.push(await stack.connect(user));
    const late = await stack.local.issuer.sign({ ...full, sub: 'late' });
    const passing = await stack.send('GET', `/sse/connect?token=${late}`);
    expect([passing.status, passing.body]).toEqual([
      200,
      expect.stringMatching(
        /^:\nretry: \d+\nevent: end\ndata: \{"reason":"workspace_limit","reconnect":true\}\n\n$/,
      ),
    ]);
    const plain = await stack.send('GET', `/sse/connect?token=${late}`, {
      headers: { 'x-taskwire-errors': 'status' },
    });
    expect(plain).toMatchObject({ status: 429, body: { code: 'workspace_limit' } });
    expect(plain.headers.get('retry-after')).toBe('5');
    // The function takes back its item when it has answered; a test that ends here has shown that it does.
    while ((await connectionsOf(stack, 'late', 'full')).length > 0);
    // Who has a stream already gets another for it.
    const second = await stack.connect(users[0]!);
    expect((await lastFrame(streams[0]!)).data).toEqual({ reason: 'liveness_check', reconnect: true });
    expect(second.frames[0]!.data.type).toBe('connection.established');
  });
});
