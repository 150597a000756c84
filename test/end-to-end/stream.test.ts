import { generateKeyPair } from 'jose';
import { sendRaw } from './raw-request.ts';
import { TestStack } from './stack.ts';
import { StreamClient } from './stream-client.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({ environment: { HEARTBEAT_SECONDS: '1' } });
});
afterAll(() => stack.close());

const alice = { sub: 'alice', workspace: 'stream' };
const bob = { sub: 'bob', workspace: 'stream' };
const types = (events: readonly { type: string }[]): string[] => events.map(({ type }) => type);

describe('GET /sse/connect', () => {
  it('answers with the headers of the contract, connection.established first, and ids on every frame', async () => {
    const stream = await stack.connect(alice);
    expect(stream.status).toBe(200);
    expect(stream.headers['content-type']).toBe('text/event-stream');
    expect(stream.headers['cache-control']).toMatch(/^no-cache/);
    expect(stream.headers['connection']).toBe('keep-alive');
    expect(stream.frames[0]!.data).toEqual({
      type: 'connection.established',
      connectionId: expect.any(String),
      userId: 'alice',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(stream.retry).toBeGreaterThan(0);
    const frames = await stream.until((seen) => seen.some(({ event }) => event === 'ping'));
    expect(frames.every(({ id }) => id !== undefined && id !== '')).toBe(true);
    expect(frames.find(({ event }) => event === 'ping')!.data).toEqual({ timestamp: expect.any(String) });
  });

  it('tells create, update, status change (both events, in order) and delete with the JSON of the contract', async () => {
    const stream = await stack.connect(alice);
    const { task } = (await stack.request(bob, 'POST', '/tasks', { name: 'New Task' })).body;
    const renamed = (await stack.request(bob, 'PATCH', `/tasks/${task.id}`, { name: 'Updated Task' })).body
      .task;
    const moved = (await stack.request(bob, 'PATCH', `/tasks/${task.id}`, { status: 'in_progress' })).body
      .task;
    await stack.request(bob, 'DELETE', `/tasks/${task.id}`);
    await stream.until(() => stream.events.length >= 5);
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;
    // Besides what the contract has: the name of the request, which clients may ignore.
    const correlationId = expect.any(String) as unknown;
    expect(stream.events).toEqual([
      { type: 'task.created', taskId: task.id, task, timestamp, correlationId },
      { type: 'task.updated', taskId: task.id, task: renamed, timestamp, correlationId },
      {
        type: 'task.status_changed',
        taskId: task.id,
        task: moved,
        previousStatus: 'inbox',
        newStatus: 'in_progress',
        timestamp,
        correlationId,
      },
      { type: 'task.updated', taskId: task.id, task: moved, timestamp, correlationId },
      { type: 'task.deleted', taskId: task.id, timestamp },
    ]);
    expect(
      stream.frames.filter(({ data }) => data.type !== undefined).every(({ event }) => event === undefined),
    ).toBe(true);
  });

  it('names task events where the client asks for it, and takes the token from the header', async () => {
    const authorization = `Bearer ${await stack.local.issuer.sign(alice)}`;
    const stream = await StreamClient.open(`${stack.local.url}/sse/connect?named=true`, { authorization });
    await stream.until((frames) => frames.length > 0);
    await stack.request(alice, 'POST', '/tasks', { name: 'x' });
    const frames = await stream.until((seen) => seen.some(({ data }) => data.type === 'task.created'));
    stream.cut();
    expect(frames.find(({ data }) => data.type === 'task.created')!.event).toBe('task.created');
  });

  it('never tells a user of a private task of another, and tells of its sharing and its hiding', async () => {
    const [own, others, admin, elsewhere] = await Promise.all([
      stack.connect(alice),
      stack.connect(bob),
      stack.connect({ sub: 'root', workspace: 'stream', admin: true }),
      stack.connect({ sub: 'alice', workspace: 'elsewhere' }),
    ]);
    const { id } = (await stack.request(alice, 'POST', '/tasks', { name: 'x', visibility: 'private' })).body
      .task;
    await stack.request(alice, 'PATCH', `/tasks/${id}`, { assignees: ['bob'] });
    await stack.request(alice, 'PATCH', `/tasks/${id}`, { assignees: [] });
    await stack.request(alice, 'DELETE', `/tasks/${id}`);
    // Each stream is at the end when it tells of a change that everybody sees.
    await stack.request(alice, 'POST', '/tasks', { name: 'last' });
    await stack.request({ sub: 'alice', workspace: 'elsewhere' }, 'POST', '/tasks', { name: 'last' });
    for (const stream of [own, others, admin, elsewhere]) {
      await stream.until(() => stream.events.some(({ task }) => task?.name === 'last'));
    }
    const full = ['task.created', 'task.updated', 'task.updated', 'task.deleted', 'task.created'];
    expect(types(own.events)).toEqual(full);
    expect(types(admin.events)).toEqual(full);
    expect(types(others.events)).toEqual(['task.created', 'task.deleted', 'task.created']);
    expect(types(elsewhere.events)).toEqual(['task.created']);
  });

  it('answers another path, another method and no route with JSON', async () => {
    // The host of streams itself: the edge, which some have before them, would answer.
    const headers = [['host', stack.local.domains.stream] as const];
    const post = await sendRaw(stack.local.url, { method: 'POST', target: '/sse/connect', headers });
    expect(post.status).toBe(405);
    expect(JSON.parse(post.text)).toMatchObject({ code: 'method_not_allowed' });
  });
});

describe('a bad token', () => {
  const expectRefused = async (token: string | undefined, code: string): Promise<void> => {
    const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
    const stream = await stack.send('GET', `/sse/connect${query}`);
    expect(stream).toMatchObject({ status: 401, body: { code, error: expect.any(String) } });
    const init: RequestInit = token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
    expect(await stack.send('GET', '/tasks', init)).toMatchObject({ status: 401, body: { code } });
  };

  it('is 401 when it is missing, malformed or oversized', async () => {
    await expectRefused(undefined, 'token_missing');
    await expectRefused('abc', 'token_malformed');
    await expectRefused('a.b.c', 'token_malformed');
    await expectRefused('x'.repeat(8200), 'token_malformed');
    const basic = await stack.send('GET', '/tasks', { headers: { authorization: 'Basic abc' } });
    expect(basic).toMatchObject({ status: 401, body: { code: 'token_malformed' } });
  });

  it('is 401 when it has expired', async () => {
    await expectRefused(await stack.local.issuer.sign({ ...alice, expiresIn: -10 }), 'token_expired');
  });

  it('is 401 when it is signed by another key, for another audience, by another issuer, or not at all', async () => {
    const { privateKey: key } = await generateKeyPair('ES256');
    await expectRefused(await stack.local.issuer.sign(alice, { key }), 'token_invalid');
    await expectRefused(await stack.local.issuer.sign(alice, { audience: 'other' }), 'token_invalid');
    await expectRefused(
      await stack.local.issuer.sign(alice, { issuer: 'http://localhost/other' }),
      'token_invalid',
    );
    const [head = '', payload] = (await stack.local.issuer.sign(alice)).split('.');
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
    const encode = (header: object): string => Buffer.from(JSON.stringify(header)).toString('base64url');
    await expectRefused(`${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`, 'token_malformed');
    await expectRefused(`${encode({ alg: 'none', kid: 'k' })}.${payload}.AAAA`, 'token_invalid');
    await expectRefused(`${encode({ alg: 'ES256', kid: 'k' })}.${payload}.AAAA`, 'token_invalid');
    await expectRefused(`${encode({ alg: 'none', kid })}.${payload}.AAAA`, 'token_invalid');
    await expectRefused(`${encode({ alg: 'HS256', kid })}.${payload}.AAAA`, 'token_invalid');
  });

  it('is 401 when its claims are not usable', async () => {
    for (const claims of [{ workspace: 'a#b' }, { workspace: 7 }, { workspace: '' }]) {
      await expectRefused(await stack.local.issuer.sign(alice, { claims }), 'token_unusable');
    }
    await expectRefused(await stack.local.issuer.sign({ sub: 'a b' }), 'token_unusable');
  });
});

describe('CORS', () => {
  it.each(['/tasks', '/sse/stats', '/sse/connect'])('lets only listed origins read %s', async (path) => {
    const origin = stack.local.url;
    const listed = await stack.send('GET', path, { headers: { origin } });
    expect(listed.headers.get('access-control-allow-origin')).toBe(origin);
    const unlisted = await stack.send('GET', path, { headers: { origin: 'https://evil.example' } });
    expect(unlisted.headers.get('access-control-allow-origin')).toBeNull();

    const preflight = (from: string) =>
      stack.send('OPTIONS', path, {
        headers: {
          origin: from,
          'access-control-request-method': 'PATCH',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
    const allowed = await preflight(origin);
    expect(allowed.status).toBeLessThan(300);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});
