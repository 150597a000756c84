import { randomBytes } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { ConnectionStore } from '../../lambdas/shared/dynamodb/connection-store.ts';
import { DrainMarker } from '../../lambdas/shared/dynamodb/drain-marker.ts';
import { SocketStream } from './socket-stream.ts';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';

/** How far ahead the clock of a function is, milliseconds, by its name; a process has it when it starts. */
const aheadMs = new Map<string, number>();

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({
    environment: { CONNECTIONS_PER_USER: '2' },
    clockSkewMs: (name) => aheadMs.get(name) ?? 0,
  });
});
afterAll(() => stack.close());

/** Opens a socket for a user, with a token or with a ticket. */
async function open(who: Who, by: 'token' | 'ticket' = 'token', options = {}): Promise<SocketStream> {
  const token = await stack.local.issuer.sign(who);
  const credential = by === 'token' ? token : await stack.ticketFor(token);
  return SocketStream.open(`ws://localhost:${stack.local.port}/ws?${by}=${credential}`, options);
}

/** Why a socket was ended. */
async function reasonOf(socket: SocketStream): Promise<unknown> {
  await socket.ended;
  return socket.received.find(({ event }) => event === 'end')?.data;
}

/** Puts the clock of a function ahead from now on, with another process. */
async function putAhead(name: string, milliseconds: number): Promise<void> {
  aheadMs.set(name, milliseconds);
  const { process } = stack.local.functions.find((each) => each.name === name)!;
  await process.crash();
  await process.start();
}

/** What the connections table has of the sockets of a workspace. */
async function itemsOf(workspace: string): Promise<unknown[]> {
  const TableName = stack.local.tables['connections']!;
  const { Items: items = [] } = await stack.database.send(
    new ScanCommand({ TableName, ConsistentRead: true }),
  );
  return items.filter(({ socket, ...item }) => {
    const owner = item as { readonly workspace: string; readonly principal?: { readonly workspace: string } };
    return socket !== undefined && (owner.principal?.workspace ?? owner.workspace) === workspace;
  });
}

/** Resolves when the table has nothing of the sockets of a workspace any more: the function is told when they end. */
async function forgotten(workspace: string): Promise<void> {
  while ((await itemsOf(workspace)).length > 0);
}

describe('a WebSocket', () => {
  it.each(['a revocation', "an admin's end"])(
    'is closed by %s although another was stopped right after it had marked the connection',
    async (by) => {
      const alice = { sub: 'alice', workspace: by === 'a revocation' ? 'left-revoked' : 'left-ended' };
      const admin = { ...alice, sub: 'root', admin: true };
      const socket = await open(alice);
      const id = socket.received.find(({ data }) => data.type === 'connection.established')!.data
        .connectionId as string;
      const store = new ConnectionStore(stack.database, stack.local.tables['connections']!);
      await store.askToEnd({ workspace: alice.workspace, user: 'alice', id }, 'liveness_check', Date.now());
      const answer =
        by === 'a revocation'
          ? await stack.request(admin, 'POST', '/sse/revocations', { userId: 'alice' })
          : await stack.request(admin, 'DELETE', `/sse/connections/${id}`);
      expect(answer.status).toBe(200);
      expect(await reasonOf(socket)).toMatchObject({
        reason: by === 'a revocation' ? 'revoked' : 'ended_by_admin',
      });
      await forgotten(alice.workspace);
    },
  );

  it('is open by a ticket, to the events of its user', async () => {
    const alice = { sub: 'alice', workspace: 'by-ticket' };
    const socket = await open(alice, 'ticket');
    await stack.request({ ...alice, sub: 'bob' }, 'POST', '/tasks', {
      name: 'secret',
      visibility: 'private',
    });
    await stack.request(alice, 'POST', '/tasks', { name: 'mine', visibility: 'private' });
    await socket.until(() => socket.events.length > 0);
    expect(socket.events).toMatchObject([{ task: { name: 'mine' } }]);
    socket.cut();
  });

  it('leaves no item when its client has gone', async () => {
    const alice = { sub: 'alice', workspace: 'goes' };
    const [one, two] = [await open(alice), await open(alice)];
    // As a connection, by the name of API Gateway, and as a subscriber.
    expect(await itemsOf('goes')).toHaveLength(6);
    one.cut();
    two.cut();
    await forgotten('goes');
  });

  it('counts against the limit of its user, as a stream does, and either makes room for the other', async () => {
    const alice = { sub: 'alice', workspace: 'limits' };
    const first = await open(alice);
    const stream = await stack.connect(alice);
    const third = await open(alice);
    expect(await reasonOf(first)).toEqual({ reason: 'liveness_check', reconnect: true });
    const fourth = await stack.connect(alice);
    await stream.ended;
    expect(stream.frames.at(-1)!.data).toEqual({ reason: 'liveness_check', reconnect: true });
    const fifth = await stack.connect(alice);
    expect(await reasonOf(third)).toEqual({ reason: 'liveness_check', reconnect: true });
    fourth.cut();
    fifth.cut();
  });

  it.each(['token', 'ticket'] as const)(
    'is told nothing more once its %s has expired, neither unasked nor asked',
    async (by) => {
      const [ana, ben] = ['ana', 'ben'].map((sub) => ({ sub, workspace: `expires-${by}` }));
      // The token in two minutes, the ticket in a quarter of an hour.
      const pushed = await open({ ...ana!, ...(by === 'token' && { expiresIn: 120 }) }, by);
      const asking = await open({ ...ben!, ...(by === 'token' && { expiresIn: 120 }) }, by);
      const laterMs = by === 'token' ? 126_000 : 900_000;
      await putAhead('websocket', laterMs);
      asking.ping();
      expect(await reasonOf(asking)).toEqual({ reason: 'token_expired', reconnect: false });
      await putAhead('push', laterMs);
      await stack.request({ ...ana!, sub: 'eve' }, 'POST', '/tasks', { name: 'too late' });
      expect(await reasonOf(pushed)).toEqual({ reason: 'token_expired', reconnect: false });
      expect([...pushed.events, ...asking.events]).toEqual([]);
      await forgotten(ana!.workspace);
      await putAhead('websocket', 0);
      await putAhead('push', 0);
    },
  );

  it('is told to go over to another one before API Gateway ends it, and to the next version after a deploy', async () => {
    const alice = { sub: 'alice', workspace: 'old', expiresIn: 3 * 3600 };
    const socket = await open(alice);
    await putAhead('websocket', 111 * 60_000);
    socket.ping();
    await socket.until(() => socket.received.some(({ event }) => event === 'ping'));
    expect(socket.received.find(({ event }) => event === 'handover')?.data).toEqual({
      reason: 'session_length',
      endsAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    await new DrainMarker(stack.database, stack.local.tables['connections']!).write({
      before: Date.now() + 1000,
      spreadMs: 0,
    });
    socket.ping();
    expect(await reasonOf(socket)).toEqual({ reason: 'deploy', reconnect: true });
    await putAhead('websocket', 0);
  });

  it('catches up in as many answers as a long history takes', async () => {
    const alice = { sub: 'alice', workspace: 'long' };
    const cursor = (await stack.request(alice, 'GET', '/tasks')).body.streamCursor as string;
    const description = (): string => randomBytes(7400).toString('base64');
    const count = 90;
    for (let id = 1; id <= count; id += 1) {
      await stack.request(alice, 'POST', '/tasks', { name: String(id), description: description() });
      // A segment for each.
      await stack.local.pump.drained();
    }
    const socket = await open(alice, 'token', { cursor });
    await socket.until(() => socket.events.length === count);
    expect(socket.events.map(({ taskId }) => taskId as number)).toEqual(
      Array.from({ length: count }, (_, index) => index + 1),
    );
    expect(socket.received.some(({ event }) => event === 'catching_up')).toBe(true);
    socket.cut();
  });

  it('answers with an error what it cannot do, and goes on', async () => {
    const alice = { sub: 'alice', workspace: 'errors' };
    const socket = await open(alice);
    socket.say({ action: 'subscribe', subscription: 'other', status: 'later' });
    socket.say({ action: 'resume', subscription: 'none' });
    const codes = (): string[] =>
      socket.received
        .filter(({ event }) => event === 'error')
        .map(({ subscription, data }) => `${subscription} ${data.code}`);
    await socket.until(() => codes().length === 2);
    expect(codes().toSorted((a, b) => a.localeCompare(b))).toEqual([
      'none subscription_unknown',
      'other invalid_parameter',
    ]);
    await stack.request(alice, 'POST', '/tasks', { name: 'one' });
    await socket.until(() => socket.events.length > 0);
    socket.cut();
  });
});
