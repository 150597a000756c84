import { DeleteCommand, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { ticketFingerprint } from '../../core/identity/ticket.ts';
import type { AwsFault, AwsCall } from '../../local/data/aws-fault.ts';
import { idOf, lastFrame } from './open-streams.ts';
import { PageStream } from './page-stream.ts';
import type { Answered, Who } from './stack.ts';
import { TestStack } from './stack.ts';

let stack: TestStack;
/** What becomes of the calls about tickets, while it is set. */
let fault: AwsFault | undefined;
/** How far ahead the clock of the stream function is, milliseconds. */
let aheadMs = 0;

const namesTicket = ({ input }: AwsCall): boolean => JSON.stringify(input).includes('"#ticket#');

beforeAll(async () => {
  stack = await TestStack.start({
    environment: { CONNECTIONS_PER_USER: String(perUser) },
    onAwsCall: (call) => (namesTicket(call) ? fault : undefined),
    clockSkewMs: (name) => (name === 'stream' ? aheadMs : 0),
  });
});
afterAll(() => stack.close());
afterEach(() => {
  fault = undefined;
});

/** More than any test but the one of the limit opens for a user, those that were cut among them. */
const perUser = 8;
const ticketLifeMs = 900_000;

/** Puts the clock of the stream function ahead, with another process, since streams that run have their time already. */
async function moveClock(milliseconds: number): Promise<void> {
  aheadMs = milliseconds;
  const host = stack.local.hosts.get('stream')!;
  await host.crash();
  await host.start();
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** The answer to whoever gets no stream for a ticket. */
const refusedAs = (code: string): object => ({ status: 401, body: { code } });

function connectWith(ticket: string, headers: Record<string, string> = {}): Promise<Answered> {
  return stack.send('GET', `/sse/connect?ticket=${ticket}`, { headers });
}

const askForTicket = (token: string, body?: string): Promise<Answered> =>
  stack.send('POST', '/sse/ticket', { headers: bearer(token), ...(body !== undefined && { body }) });

describe('POST /sse/ticket', () => {
  const alice: Who = { sub: 'alice', workspace: 'asking' };

  it('gives a ticket that is for URLs and lives 15 minutes, in an answer that no cache keeps', async () => {
    const before = Date.now();
    const { status, headers, body } = await askForTicket(await stack.local.issuer.sign(alice));
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      ticket: expect.stringMatching(/^[\w-]{43}\.[0-9a-z]{6}$/),
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
    });
    const expiresAt = Date.parse(body.expiresAt);
    expect(expiresAt).toBeGreaterThan(before + ticketLifeMs - 1000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + ticketLifeMs);
  });

  it('gives one that expires with its token, where that comes first; and none for a token that is about to', async () => {
    const expiresIn = 60;
    const earliest = Math.floor(Date.now() / 1000) + expiresIn + 5;
    const { body } = await askForTicket(await stack.local.issuer.sign({ ...alice, expiresIn }));
    // The leeway for the clocks is the token's too.
    expect(Date.parse(body.expiresAt) / 1000 - earliest).toBeLessThanOrEqual(1);
    expect(Date.parse(body.expiresAt) / 1000).toBeGreaterThanOrEqual(earliest);
    const last = await stack.local.issuer.sign({ ...alice, expiresIn: 0 });
    expect(await askForTicket(last)).toMatchObject(refusedAs('token_expired'));
  });

  it('takes the token in the header alone, and reads no body', async () => {
    const token = await stack.local.issuer.sign(alice);
    for (const body of ['', '{', 'x'.repeat(100_000), '{"token":"x"}']) {
      expect(await askForTicket(token, body)).toMatchObject({ status: 200 });
    }
    const inBody = { body: JSON.stringify({ token }), headers: { 'content-type': 'text/plain' } };
    expect(await stack.send('POST', '/sse/ticket', inBody)).toMatchObject(refusedAs('token_missing'));
    expect(await stack.send('POST', `/sse/ticket?token=${token}`)).toMatchObject(refusedAs('token_missing'));
    expect(await stack.send('GET', '/sse/ticket', { headers: bearer(token) })).toMatchObject({ status: 405 });
  });
});

describe('a ticket', () => {
  it('opens a stream with the frames that its token gets, and never a private task of another', async () => {
    const [alice, bob] = [
      { sub: 'alice', workspace: 'same' },
      { sub: 'bob', workspace: 'same' },
    ];
    const token = await stack.local.issuer.sign(alice);
    const [byToken, byTicket] = await Promise.all([
      stack.open(token),
      stack.openByTicket(await stack.ticketFor(token)),
    ]);
    expect(byTicket.frames[0]!.data).toMatchObject({ type: 'connection.established', userId: 'alice' });
    const create = (who: Who, task: object) => stack.request(who, 'POST', '/tasks', task);
    await create(bob, { name: 'hidden', visibility: 'private' });
    const { id } = (await create(alice, { name: 'own', visibility: 'private' })).body.task;
    await stack.request(alice, 'PATCH', `/tasks/${id}`, { status: 'done' });
    await create(bob, { name: 'last' });
    for (const stream of [byToken, byTicket]) {
      await stream.until(() => stream.events.some(({ task }) => task.name === 'last'));
    }
    expect(byTicket.withoutPings.slice(1)).toEqual(byToken.withoutPings.slice(1));
    expect(byTicket.events.map(({ type, task }) => [type, task.name])).toEqual([
      ['task.created', 'own'],
      ['task.status_changed', 'own'],
      ['task.updated', 'own'],
      ['task.created', 'last'],
    ]);
  });

  it('is good for each reconnect of an EventSource, and for the cursor of a token', async () => {
    const who = { sub: 'alice', workspace: 'again' };
    const token = await stack.local.issuer.sign(who);
    const ticket = await stack.ticketFor(token);
    const page = new PageStream(`${stack.local.url}/sse/connect?ticket=${ticket}`);
    await page.untilOpen();
    const made: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      page.source.cut();
      made.push((await stack.request(who, 'POST', '/tasks', { name: `${count}` })).body.task.id as number);
      await page.until(() => page.heard.length === made.length);
    }
    expect([page.heard, page.source.violations, page.source.connections]).toEqual([made, [], 4]);
    const cursor = page.source.cursor!;
    page.source.close();
    await stack.request(who, 'POST', '/tasks', { name: 'meanwhile' });
    for (const open of [
      () => stack.open(token, { lastEventId: cursor }),
      () => stack.openByTicket(ticket, { lastEventId: cursor }),
      async () => stack.openByTicket(await stack.ticketFor(token), { lastEventId: cursor }),
    ]) {
      const stream = await open();
      await stream.until(() => stream.events.length > 0);
      expect(stream.frames[1]!.data).toEqual({ complete: true });
      expect(stream.events[0].task.name).toBe('meanwhile');
    }
  });

  it('is not the only one of its token: each opens streams, in several tabs', async () => {
    const token = await stack.local.issuer.sign({ sub: 'alice', workspace: 'tabs' });
    const [first, second] = [await stack.ticketFor(token), await stack.ticketFor(token)];
    expect(first).not.toBe(second);
    for (const ticket of [first, second, first]) {
      expect((await stack.openByTicket(ticket)).status).toBe(200);
    }
  });

  it('has the rights of its token: an admin’s sees what is private', async () => {
    const admin = { sub: 'ada', workspace: 'rights', admin: true };
    const stream = await stack.openByTicket(await stack.ticketFor(await stack.local.issuer.sign(admin)));
    const carol = { sub: 'carol', workspace: 'rights' };
    await stack.request(carol, 'POST', '/tasks', { name: 'private', visibility: 'private' });
    await stream.until(() => stream.events.length > 0);
    expect(stream.events[0].task.name).toBe('private');
  });

  it('counts its streams for its user, with those of tokens', async () => {
    const who = { sub: 'alice', workspace: 'counted' };
    const ticket = await stack.ticketFor(await stack.local.issuer.sign(who));
    const oldest = await stack.openByTicket(ticket);
    const others = [await stack.connect(who)];
    while (others.length < perUser - 1) others.push(await stack.openByTicket(ticket));
    const { body } = await stack.request({ ...who, admin: true }, 'GET', '/sse/stats');
    expect(body.connections.map(({ id }: { id: string }) => id).toSorted()).toEqual(
      [oldest, ...others].map(idOf).toSorted(),
    );
    await stack.openByTicket(ticket);
    expect((await lastFrame(oldest)).data).toEqual({ reason: 'liveness_check', reconnect: true });
  });

  it('stands in no table, whole or in part', async () => {
    const token = await stack.local.issuer.sign({ sub: 'alice', workspace: 'kept' });
    const ticket = await stack.ticketFor(token);
    const Key = { workspace: `#ticket#${ticketFingerprint(ticket)}`, connection: '#' };
    const TableName = stack.local.tables['connections'];
    const { Item: item } = await stack.database.send(new GetCommand({ TableName, Key }));
    expect(item).toMatchObject({ principal: { workspace: 'kept', user: 'alice', admin: false } });
    const text = JSON.stringify(item);
    for (const part of [...ticket.split('.'), ...token.split('.')]) expect(text).not.toContain(part);
  });
});

describe('a ticket is no token', () => {
  let ticket: string;
  beforeAll(async () => {
    ticket = await stack.ticketFor(await stack.local.issuer.sign({ sub: 'alice', workspace: 'no-token' }));
  });

  it.each([
    ['GET', '/tasks'],
    ['POST', '/tasks'],
    ['PATCH', '/tasks/1'],
    ['DELETE', '/tasks/1'],
    ['GET', '/sse/stats'],
    ['POST', '/sse/ticket'],
    ['POST', '/sse/disconnect'],
    ['POST', '/sse/lease'],
    ['POST', '/sse/revocations'],
    ['DELETE', '/sse/connections/00000000-0000-0000-0000-000000000000'],
    ['GET', '/sse/connect'],
  ])('as the bearer of %s %s it is refused, which says where it belongs', async (method, path) => {
    expect(await stack.send(method, path, { headers: bearer(ticket) })).toMatchObject({
      status: 401,
      body: { code: 'token_malformed', error: expect.stringContaining('?ticket= of /sse/connect') },
    });
  });

  it.each(['/tasks', '/sse/stats'])('in the query of %s it is not looked at', async (path) => {
    expect(await stack.send('GET', `${path}?ticket=${ticket}`)).toMatchObject(refusedAs('token_missing'));
  });

  it.each(['/sse/disconnect', '/sse/lease'])('in the body of %s it is refused', async (path) => {
    const connectionId = '00000000-0000-0000-0000-000000000000';
    for (const credential of [{ token: ticket }, { ticket }]) {
      const body = JSON.stringify({ connectionId, ...credential });
      const code = 'token' in credential ? 'token_malformed' : 'token_missing';
      expect(
        await stack.send('POST', path, { body, headers: { 'content-type': 'text/plain' } }),
      ).toMatchObject(refusedAs(code));
    }
  });

  it('as ?token= it is refused', async () => {
    expect(await stack.send('GET', `/sse/connect?token=${ticket}`)).toMatchObject(
      refusedAs('token_malformed'),
    );
  });
});

describe('a stream is refused', () => {
  const who = { sub: 'alice', workspace: 'refusals' };
  const expired = `${'a'.repeat(43)}.${Math.floor(Date.now() / 1000 - 1).toString(36)}`;

  it.each([
    ['a ticket of another form', 'nonsense', 'token_malformed'],
    ['a token in the place of a ticket', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.eA', 'token_malformed'],
    ['a ticket that has expired', expired, 'token_expired'],
    ['a ticket that nobody was given', `${'a'.repeat(43)}.zzzzzz`, 'token_invalid'],
    ['an empty ticket', '', 'token_missing'],
  ])('to %s, in a way that says what to do', async (_, ticket, code) => {
    expect(await connectWith(ticket)).toMatchObject({
      status: 401,
      body: { code, error: expect.stringContaining('POST /sse/ticket') },
    });
  });

  it('to two tickets, and to a ticket with another expiry', async () => {
    const ticket = await stack.ticketFor(await stack.local.issuer.sign(who));
    expect(await connectWith(`${ticket}&ticket=${ticket}`)).toMatchObject(refusedAs('token_malformed'));
    const later = ticket.replace(/\..*/, '.zzzzzz');
    expect(await connectWith(later)).toMatchObject(refusedAs('token_invalid'));
  });

  it('to a bad token, whatever ticket comes with it; a good one counts before a bad ticket', async () => {
    const token = await stack.local.issuer.sign(who);
    const ticket = await stack.ticketFor(token);
    expect(await connectWith(`${ticket}&token=x`)).toMatchObject(refusedAs('token_malformed'));
    expect(await connectWith(ticket, { authorization: 'Bearer x' })).toMatchObject(
      refusedAs('token_malformed'),
    );
    expect((await stack.openWith({ ticket: 'x', token })).status).toBe(200);
    expect((await stack.openWith({ ticket: 'x' }, bearer(token))).status).toBe(200);
  });
});

describe('a revocation', () => {
  const admin = { sub: 'root', workspace: 'revoked', admin: true };

  it('of the user ends the streams of tickets, and refuses the tickets and new ones', async () => {
    const token = await stack.local.issuer.sign({ sub: 'eve', workspace: 'revoked' });
    const [ticket, unused] = [await stack.ticketFor(token), await stack.ticketFor(token)];
    const stream = await stack.openByTicket(ticket);
    const revoked = await stack.request(admin, 'POST', '/sse/revocations', { userId: 'eve' });
    expect(revoked).toMatchObject({ status: 200, body: { connectionsEnded: 1 } });
    expect((await lastFrame(stream)).data).toEqual({ reason: 'revoked', reconnect: false });
    for (const each of [ticket, unused]) {
      expect(await connectWith(each)).toMatchObject(refusedAs('token_revoked'));
    }
    expect(await askForTicket(token)).toMatchObject(refusedAs('token_revoked'));
  });

  it('of the single token, by an admin who ends a stream of its ticket, holds for as long as the token lives', async () => {
    const mallory = { sub: 'mallory', workspace: 'revoked' };
    const expiresIn = 7200;
    const before = Math.floor(Date.now() / 1000);
    const token = await stack.local.issuer.sign({ ...mallory, expiresIn });
    const [ticket, unused] = [await stack.ticketFor(token), await stack.ticketFor(token)];
    const stream = await stack.openByTicket(ticket);
    const ended = await stack.request(admin, 'DELETE', `/sse/connections/${idOf(stream)}`);
    expect(ended.status).toBe(200);
    expect((await lastFrame(stream)).data).toEqual({ reason: 'ended_by_admin', reconnect: false });
    for (const each of [ticket, unused]) {
      expect(await connectWith(each)).toMatchObject(refusedAs('token_revoked'));
    }
    expect(await askForTicket(token)).toMatchObject(refusedAs('token_revoked'));
    expect(await stack.send('GET', '/tasks', { headers: bearer(token) })).toMatchObject(
      refusedAs('token_revoked'),
    );
    // The user is not banned.
    const other = await stack.local.issuer.sign({ ...mallory, expiresIn: 90 });
    expect((await stack.openByTicket(await stack.ticketFor(other))).status).toBe(200);

    const { Items: items = [] } = await stack.database.send(
      new QueryCommand({
        TableName: stack.local.tables['connections'],
        KeyConditionExpression: 'workspace = :partition',
        ExpressionAttributeValues: { ':partition': 'revoked#revocation#mallory' },
      }),
    );
    const [until] = Object.values(items[0]!['tokens'] as Record<string, number>);
    // Not the ticket's, which is an hour and three quarters earlier.
    expect(until! / 1000).toBeGreaterThanOrEqual(before + expiresIn);
    expect(items[0]!['expires']).toBeGreaterThanOrEqual(before + expiresIn);
  });
});

describe('while the table cannot be read', () => {
  it('a ticket is not refused: an EventSource comes back, others get the status; and none is given', async () => {
    const token = await stack.local.issuer.sign({ sub: 'alice', workspace: 'unreadable' });
    const ticket = await stack.ticketFor(token);
    fault = { kind: 'drop', when: 'before' };
    const passing = await connectWith(ticket);
    expect([passing.status, passing.body]).toEqual([
      200,
      expect.stringMatching(/^:\nretry: \d+\nevent: end\ndata: \{"reason":"trouble","reconnect":true\}\n\n$/),
    ]);
    const plain = await connectWith(ticket, { 'x-taskwire-errors': 'status' });
    expect(plain).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(await askForTicket(token)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    fault = { kind: 'throttle' };
    const throttled = await connectWith(ticket, { 'x-taskwire-errors': 'status' });
    expect(throttled).toMatchObject({ status: 429, body: { code: 'throttled' } });
    fault = undefined;
    expect((await stack.openByTicket(ticket)).status).toBe(200);
  });
});

describe('the expiry of a ticket', () => {
  afterAll(() => moveClock(0));

  it('ends its stream like that of a token; an EventSource comes back once, is refused, and goes on with another', async () => {
    const who = { sub: 'alice', workspace: 'expiry' };
    const token = await stack.local.issuer.sign(who);
    const ticket = await stack.ticketFor(token);
    const expiresAt = parseInt(ticket.split('.')[1]!, 36) * 1000;
    // A slow machine takes some seconds of these to start the process.
    await moveClock(expiresAt - Date.now() - 20_000);
    const page = new PageStream(`${stack.local.url}/sse/connect?ticket=${ticket}`);
    const stream = await stack.openByTicket(ticket);
    const ofToken = await stack.open(token);
    const { data, id } = await lastFrame(stream);
    expect(data).toEqual({ reason: 'token_expired', reconnect: false });
    expect(id).not.toMatch(/\.end$/);
    expect(stream.frames.find(({ event }) => event === 'handover')?.data).toEqual({
      reason: 'token_expired',
      endsAt: expect.any(String),
    });
    await page.until(() => !page.source.isAlive);
    expect([page.source.finalStatus, page.source.connections, page.reasons]).toEqual([
      401,
      1,
      ['token_expired'],
    ]);
    expect(await connectWith(ticket)).toMatchObject(refusedAs('token_expired'));
    // The token lives on, and the stream that it opened.
    expect(ofToken.frames.some(({ event }) => event === 'end')).toBe(false);
    await forget(ticket);
    expect(await connectWith(ticket)).toMatchObject(refusedAs('token_expired'));

    const { task } = (await stack.request(who, 'POST', '/tasks', { name: 'meanwhile' })).body;
    await moveClock(0);
    const next = await stack.openByTicket(await stack.ticketFor(token), { lastEventId: id! });
    await next.until(() => next.events.length > 0);
    expect(next.frames[1]!.data).toEqual({ complete: true });
    expect(next.events[0].task).toEqual(task);
  });
});

/** Does what the time to live does. */
async function forget(ticket: string): Promise<void> {
  const Key = { workspace: `#ticket#${ticketFingerprint(ticket)}`, connection: '#' };
  await stack.database.send(new DeleteCommand({ TableName: stack.local.tables['connections'], Key }));
}
