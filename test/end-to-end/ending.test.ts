import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { DrainMarker } from '../../lambdas/shared/dynamodb/drain-marker.ts';
import { connectionsOf, disconnect, idOf, lastFrame } from './open-streams.ts';
import { sendRaw } from './raw-request.ts';
import { TestStack } from './stack.ts';
import type { ReceivedFrame } from './stream-client.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({
    environment: { CONNECTIONS_PER_USER: '3', CONNECTIONS_PER_WORKSPACE: '5', HEARTBEAT_SECONDS: '3' },
  });
});
afterAll(() => stack.close());

const alice = { sub: 'alice', workspace: 'ending' };
const bob = { sub: 'bob', workspace: 'ending' };
const admin = { sub: 'root', workspace: 'ending', admin: true };

describe('POST /sse/disconnect', () => {
  it('ends the stream with a terminal end; what sendBeacon can send is enough', async () => {
    const stream = await stack.connect(alice);
    const token = await stack.local.issuer.sign(alice);
    const beacon = new Blob([JSON.stringify({ connectionId: idOf(stream), token })], { type: 'text/plain' });
    const { status, body } = await stack.send('POST', '/sse/disconnect', { body: beacon });
    expect([status, body]).toEqual([200, { success: true }]);
    const { event, data, id } = await lastFrame(stream);
    expect([event, data]).toEqual(['end', { reason: 'disconnected', reconnect: false }]);
    expect(id).toMatch(/\.end$/);
    expect(stream.retry).toBe(86_400_000);
    expect(await connectionsOf(stack, 'alice', 'ending')).not.toContain(idOf(stream));
  });

  it('succeeds for a stream that is gone, and leaves the streams of others alone', async () => {
    const stream = await stack.connect(bob);
    const body = { connectionId: idOf(stream) };
    expect((await stack.request(alice, 'POST', '/sse/disconnect', body)).status).toBe(200);
    expect(await connectionsOf(stack, 'bob', 'ending')).toContain(idOf(stream));
    await disconnect(stack, stream, bob);
    expect((await stack.request(bob, 'POST', '/sse/disconnect', body)).status).toBe(200);
  });

  it.each([
    ['no JSON', 'x', 400, 'invalid_json'],
    ['no object', '[]', 400, 'invalid_field'],
    ['no token', '{"connectionId":"x"}', 401, 'token_missing'],
    ['a token that is none', '{"token":"x"}', 401, 'token_malformed'],
  ])('refuses %s', async (_, body, status, code) => {
    const headers = { 'content-type': 'text/plain' };
    expect(await stack.send('POST', '/sse/disconnect', { body, headers })).toMatchObject({
      status,
      body: { code },
    });
  });

  it('refuses an id that is none', async () => {
    for (const connectionId of [undefined, 7, 'x', `${'0'.repeat(35)}#`]) {
      const answer = await stack.request(alice, 'POST', '/sse/disconnect', { connectionId });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_field' } });
    }
  });
});

describe('a client that comes back by itself after a terminal end', () => {
  it('gets 204, which stops an EventSource; one that means it goes on where it was', async () => {
    const stream = await stack.connect(alice);
    await disconnect(stack, stream, alice);
    const { id } = await lastFrame(stream);
    const token = await stack.local.issuer.sign(alice);
    const unwanted = await stack.send('GET', `/sse/connect?token=${token}`, {
      headers: { 'last-event-id': id! },
    });
    expect([unwanted.status, unwanted.body]).toEqual([204, '']);
    const { task } = (await stack.request(alice, 'POST', '/tasks', { name: 'meanwhile' })).body;
    const again = await stack.connect(alice, { lastEventId: id! });
    await again.until(() => again.events.length > 0);
    expect(again.frames[1]!.data).toEqual({ complete: true });
    expect(again.events[0].task).toEqual(task);
    await disconnect(stack, again, alice);
  });
});

describe('a terminal cursor in Last-Event-ID', () => {
  it.each([
    ['POST', '/nothing', 404],
    ['GET', '/nothing', 404],
    ['POST', '/sse/connect', 405],
    ['GET', '/sse/connect?lease=1', 400],
    ['GET', '/sse/connect/', 204],
  ])('is looked at after the rest of the request: %s %s is %d', async (method, target, status) => {
    // The host of streams itself, which gets whatever path it is asked for.
    const host = stack.local.domains.stream;
    const headers = [['host', host] as const, ['last-event-id', 'x, y.end'] as const];
    const answer = await sendRaw(stack.local.url, { method, target, headers });
    expect(answer.status).toBe(status);
  });
});

describe('a lease', () => {
  it('keeps the stream alive while it is renewed, and ends it when it is not', async () => {
    const stream = await stack.connect(alice, { lease: '10' });
    const isPing = ({ event }: ReceivedFrame): boolean => event === 'ping';
    await stream.until((frames) => frames.some(isPing));
    const pingedAt = Date.parse(stream.frames.find(isPing)!.data.timestamp as string);
    const renewed = await stack.request(alice, 'POST', '/sse/lease', { connectionId: idOf(stream) });
    expect(renewed).toMatchObject({ status: 200, body: { connectionId: idOf(stream), lease: 10 } });
    const expiresAt = Date.parse(renewed.body.expiresAt);
    // By the server's clock: ten seconds from the renewal, which came after the ping, not from the beginning.
    expect(expiresAt - pingedAt).toBeGreaterThanOrEqual(10_000);
    const { data } = await lastFrame(stream);
    expect(data).toEqual({ reason: 'lease_expired', reconnect: true });
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    const late = await stack.request(alice, 'POST', '/sse/lease', { connectionId: idOf(stream) });
    expect(late).toMatchObject({ status: 404, body: { code: 'connection_not_found' } });
  });

  it('cannot be renewed by another user, nor for a stream without one', async () => {
    const stream = await stack.connect(alice);
    const body = { connectionId: idOf(stream) };
    expect((await stack.request(bob, 'POST', '/sse/lease', body)).status).toBe(404);
    expect((await stack.request(alice, 'POST', '/sse/lease', body)).status).toBe(404);
    await disconnect(stack, stream, alice);
  });

  it.each(['9', '301', '1e1', '-30', ''])('of "%s" seconds is refused', async (lease) => {
    const token = await stack.local.issuer.sign(alice);
    const answer = await stack.send('GET', `/sse/connect?token=${token}&lease=${lease}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_parameter' } });
  });
});

describe('DELETE /sse/connections/{id}', () => {
  it('by an admin ends the stream, and the token cannot come back, to the stream or to the API', async () => {
    const token = await stack.local.issuer.sign({ sub: 'mallory', workspace: 'ending' });
    const stream = await stack.open(token);
    const answer = await stack.request(admin, 'DELETE', `/sse/connections/${idOf(stream)}`);
    expect([answer.status, answer.body]).toEqual([200, { success: true }]);
    expect((await lastFrame(stream)).data).toEqual({ reason: 'ended_by_admin', reconnect: false });
    const refused = { status: 401, body: { code: 'token_revoked' } };
    expect(await stack.send('GET', `/sse/connect?token=${token}`)).toMatchObject(refused);
    const headers = { authorization: `Bearer ${token}` };
    expect(await stack.send('GET', '/tasks', { headers })).toMatchObject(refused);
    // Another spelling of the same signature is the same token.
    const other = token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1);
    expect((await stack.send('GET', `/sse/connect?token=${other}`)).status).toBe(401);
    // The user is not banned.
    expect((await stack.request({ ...bob, sub: 'mallory', expiresIn: 90 }, 'GET', '/tasks')).status).toBe(
      200,
    );
  });

  it('lets users end their own stream, and no other', async () => {
    const stream = await stack.connect(alice);
    const path = `/sse/connections/${idOf(stream)}`;
    const refused = { status: 404, body: { code: 'connection_not_found' } };
    expect(await stack.request(bob, 'DELETE', path)).toMatchObject(refused);
    expect(await stack.request({ ...admin, workspace: 'elsewhere' }, 'DELETE', path)).toMatchObject(refused);
    expect((await stack.request(alice, 'DELETE', path)).status).toBe(200);
    expect((await lastFrame(stream)).data).toEqual({ reason: 'disconnected', reconnect: false });
    expect((await stack.request(alice, 'GET', '/tasks')).status).toBe(200);
    expect(await stack.request(admin, 'DELETE', path)).toMatchObject(refused);
  });
});

describe('POST /sse/revocations', () => {
  it("ends all of a user's streams, and refuses every token that was issued until then", async () => {
    const eve = { sub: 'eve', workspace: 'ending' };
    const token = await stack.local.issuer.sign(eve);
    const streams = [await stack.connect(eve), await stack.connect(eve)];
    const other = await stack.connect(bob);
    const answer = await stack.request(admin, 'POST', '/sse/revocations', { userId: 'eve' });
    expect([answer.status, answer.body]).toEqual([
      200,
      { userId: 'eve', notBefore: expect.stringMatching(/^\d{4}-.*Z$/), connectionsEnded: 2 },
    ]);
    for (const stream of streams) {
      expect((await lastFrame(stream)).data).toEqual({ reason: 'revoked', reconnect: false });
    }
    const refused = { status: 401, body: { code: 'token_revoked' } };
    expect(await stack.send('GET', `/sse/connect?token=${token}`)).toMatchObject(refused);
    const headers = { authorization: `Bearer ${token}` };
    expect(await stack.send('GET', '/tasks', { headers })).toMatchObject(refused);
    expect((await stack.request(bob, 'GET', '/tasks')).status).toBe(200);
    await disconnect(stack, other, bob);
  });

  it('refuses the tokens of the streams that it ends, whenever their issuer thinks that they were issued', async () => {
    const mallory = { sub: 'mallory', workspace: 'ending' };
    const ahead = { issuedAt: Math.floor(Date.now() / 1000) + 3 };
    const token = await stack.local.issuer.sign(mallory, ahead);
    const stream = await stack.open(token);
    await stack.request(admin, 'POST', '/sse/revocations', { userId: 'mallory' });
    expect((await lastFrame(stream)).data).toEqual({ reason: 'revoked', reconnect: false });
    const refused = { status: 401, body: { code: 'token_revoked' } };
    expect(await stack.send('GET', `/sse/connect?token=${token}`)).toMatchObject(refused);
    const headers = { authorization: `Bearer ${token}` };
    expect(await stack.send('GET', '/tasks', { headers })).toMatchObject(refused);
  });

  it('refuses a token that nobody has used yet and whose time is ahead, now and later', async () => {
    const trent = { sub: 'trent', workspace: 'ending' };
    const ahead = { issuedAt: Math.floor(Date.now() / 1000) + 3 };
    const headers = { authorization: `Bearer ${await stack.local.issuer.sign(trent, ahead)}` };
    const { body } = await stack.request(admin, 'POST', '/sse/revocations', { userId: 'trent' });
    const refused = { status: 401, body: { code: 'token_revoked' } };
    expect(await stack.send('GET', '/tasks', { headers })).toMatchObject(refused);
    expect(Date.parse(body.notBefore)).toBeGreaterThan(ahead.issuedAt * 1000);
  });

  it('is kept apart from the workspace, for as long as a token of the user may live', async () => {
    const TableName = stack.local.tables['connections'];
    const { Items: items = [] } = await stack.database.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'workspace = :partition',
        ExpressionAttributeValues: { ':partition': 'ending#revocation#eve' },
      }),
    );
    expect(items).toEqual([
      expect.objectContaining({ notBefore: expect.any(Number), expires: expect.any(Number) }),
    ]);
    const [{ notBefore, expires } = {}] = items as { notBefore: number; expires: number }[];
    // The local stage takes tokens of 30 days; the clocks may differ by 5 s.
    expect(expires! - Math.ceil(notBefore! / 1000)).toBe(30 * 86_400 + 5);
  });

  it('is for admins of the workspace, and wants a user', async () => {
    const body = { userId: 'bob' };
    expect(await stack.request(bob, 'POST', '/sse/revocations', body)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect(
      (await stack.request({ ...admin, workspace: 'other' }, 'POST', '/sse/revocations', body)).status,
    ).toBe(200);
    expect((await stack.request(bob, 'GET', '/tasks')).status).toBe(200);
    for (const userId of [undefined, '', 'a b', 7]) {
      const answer = await stack.request(admin, 'POST', '/sse/revocations', { userId });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_field' } });
    }
  });
});

describe('a drain', () => {
  it('ends the streams that opened before it, announced, and not those that open after', async () => {
    const before = await stack.connect(alice);
    const drains = new DrainMarker(stack.database, stack.local.tables['connections']!);
    await drains.write({ before: Date.now(), spreadMs: 12_000 });
    const { data, id } = await lastFrame(before);
    expect(data).toEqual({ reason: 'deploy', reconnect: true });
    expect(id).not.toMatch(/\.end$/);
    expect(before.frames.find(({ event }) => event === 'handover')?.data).toEqual({
      reason: 'deploy',
      endsAt: expect.stringMatching(/Z$/),
    });
    const { Item: marker } = await stack.database.send(
      new GetCommand({
        TableName: stack.local.tables['connections'],
        Key: { workspace: '#drain', connection: '#drain' },
      }),
    );
    expect(marker!['before']).toBeLessThanOrEqual(Date.now());
  });
});

describe('an item that this version does not understand', () => {
  it('ends the stream rather than leave it open', async () => {
    const stream = await stack.connect(alice);
    const TableName = stack.local.tables['connections'];
    const Key = { workspace: 'ending', connection: `alice#${idOf(stream)}` };
    const { Item: item } = await stack.database.send(new GetCommand({ TableName, Key }));
    const ended = { ended: 'in a new way', endedAt: Date.now() };
    await stack.database.send(new PutCommand({ TableName, Item: { ...item, ...ended } }));
    expect((await lastFrame(stream)).data).toEqual({ reason: 'disconnected', reconnect: false });
  });
});

describe('GET /sse/stats', () => {
  it('gives admins the contract JSON of their workspace, and others 403', async () => {
    const who = { sub: 'watcher', workspace: 'stats' };
    const before = Date.now();
    await stack.connect(who);
    const after = Date.now();
    await stack.connect({ sub: 'other', workspace: 'stats-elsewhere' });
    const { status, body } = await stack.request({ ...who, admin: true }, 'GET', '/sse/stats');
    expect(status).toBe(200);
    expect(body).toEqual({
      totalConnections: 1,
      connections: [
        {
          id: expect.any(String),
          userId: 'watcher',
          connectedAt: expect.any(Number),
          duration: expect.any(Number),
        },
      ],
    });
    expect(body.connections[0].connectedAt).toBeGreaterThanOrEqual(before);
    expect(body.connections[0].connectedAt).toBeLessThanOrEqual(after);
    expect(await stack.request(who, 'GET', '/sse/stats')).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect(await stack.send('GET', '/sse/stats')).toMatchObject({
      status: 401,
      body: { code: 'token_missing' },
    });
  });
});
