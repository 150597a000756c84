import { request } from 'node:http';
import { TestStack } from './stack.ts';
import { StreamClient } from './stream-client.ts';
import { startWith } from './synthesized-stack.ts';

const internalHeader = 'x-taskwire-authorization';
const alice = { sub: 'alice', workspace: 'edge' };
const mallory = { sub: 'mallory', workspace: 'edge' };

/** A request past the edge, to an endpoint as AWS names it: `fetch` does not let a caller choose the header Host. */
function past(
  stack: TestStack,
  kind: 'stream' | 'httpApi',
  target: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; body: string }> {
  const host = stack.local.domains[kind];
  return new Promise((resolve, reject) => {
    request(`${stack.local.url}${target}`, { headers: { ...headers, host } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .once('error', reject)
      .end();
  });
}

describe('with the edge on', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startWith({ edge: 'on' });
  });
  afterAll(() => stack.close());
  const bearer = async (who: typeof alice): Promise<string> => `Bearer ${await stack.local.issuer.sign(who)}`;

  it('carries a change from the API to a stream, both by the bearer of the viewer', async () => {
    const authorization = await bearer(alice);
    const stream = await StreamClient.open(`${stack.local.url}/sse/connect`, { authorization });
    await stream.until((frames) => frames.length > 0);
    const created = await stack.request(alice, 'POST', '/tasks', { name: 'through the edge' });
    await stream.until(() => stream.events.length > 0);
    stream.cut();
    expect(created.status).toBe(201);
    expect(stream.frames[0]!.data).toMatchObject({ userId: 'alice' });
    expect(stream.events[0]).toMatchObject({ type: 'task.created', task: created.body.task });
  });

  it('opens a stream by the token in the query, as an EventSource of the same origin does, and resumes it', async () => {
    const first = await stack.connect(alice);
    const { cursor } = first;
    first.cut();
    const { task } = (await stack.request(alice, 'POST', '/tasks', { name: 'missed' })).body;
    const second = await stack.connect(alice, {}, { 'last-event-id': cursor });
    await second.until(() => second.events.length > 0);
    expect(second.events[0]).toMatchObject({ type: 'task.created', taskId: task.id });
  });

  it('gives a ticket for the bearer of the viewer, and opens a stream by it', async () => {
    const ticket = await stack.ticketFor(await stack.local.issuer.sign(alice));
    const stream = await stack.openByTicket(ticket);
    const { task } = (await stack.request(alice, 'POST', '/tasks', { name: 'by a ticket' })).body;
    await stream.until(() => stream.events.length > 0);
    expect(stream.events[0]).toMatchObject({ type: 'task.created', task });
    const again = await stack.openByTicket(ticket, {}, { 'last-event-id': stream.cursor });
    expect(again.frames[0]!.data).toMatchObject({ userId: 'alice' });
    const refused = { status: 401, body: { code: 'token_malformed' } };
    const headers = { authorization: `Bearer ${ticket}` };
    for (const target of ['/tasks', '/sse/connect', '/sse/stats']) {
      expect(await stack.send('GET', target, { headers })).toMatchObject(refused);
    }
    // Past the edge nobody gets in with it.
    const target = `/sse/connect?ticket=${ticket}`;
    expect(await past(stack, 'stream', target, {})).toMatchObject({ status: 403 });
  });

  it('takes a slash at the end of a path, at the stream and the API', async () => {
    const token = await stack.local.issuer.sign({ ...alice, admin: true });
    const stream = await StreamClient.open(`${stack.local.url}/sse/connect/?token=${token}`, {});
    await stream.until((frames) => frames.length > 0);
    const headers = { authorization: `Bearer ${token}` };
    const [stats, created, beacon] = await Promise.all([
      stack.send('GET', '/sse/stats/', { headers }),
      stack.send('POST', '/tasks/', {
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"name":"x"}',
      }),
      stack.send('POST', '/sse/disconnect/', {
        body: JSON.stringify({ token, connectionId: stream.frames[0]!.data.connectionId }),
      }),
    ]);
    stream.cut();
    expect(stream.status).toBe(200);
    expect([stats.status, created.status, beacon.status]).toEqual([200, 201, 200]);
  });

  it('sends home itself who comes back after an end for good', async () => {
    const answer = await stack.send('GET', '/sse/connect', {
      headers: { 'last-event-id': 'aaaaaaaaaaaaaaaa.1.0.0.bbbbbbbbbbbb.end', origin: stack.local.url },
    });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-cache': 'FunctionGeneratedResponse from cloudfront',
      'cache-control': 'no-store',
      'access-control-allow-origin': stack.local.url,
    });
  });

  it('passes on the headers that the API reads', async () => {
    const key = { 'idempotency-key': 'edge-1' };
    const first = await stack.request(alice, 'POST', '/tasks', { name: 'once' }, key);
    const again = await stack.request(alice, 'POST', '/tasks', { name: 'once' }, key);
    const stale = await stack.request(
      alice,
      'PATCH',
      `/tasks/${first.body.task.id}`,
      { name: 'x' },
      { 'if-match': '"9"' },
    );
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(stale).toMatchObject({ status: 412, body: { code: 'version_mismatch' } });
  });

  describe('a viewer who sends the internal header', () => {
    it.each(['/tasks', '/sse/stats', '/sse/connect'])('is nobody at %s', async (target) => {
      const headers = { [internalHeader]: await bearer(alice) };
      expect(await stack.send('GET', target, { headers })).toMatchObject({
        status: 401,
        body: { code: 'token_missing' },
      });
    });

    it('is who the bearer says, in the API and in the stream', async () => {
      const headers = { authorization: await bearer(mallory), [internalHeader]: await bearer(alice) };
      const created = await stack.send('POST', '/tasks', {
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"name":"whose"}',
      });
      const stream = await StreamClient.open(`${stack.local.url}/sse/connect`, headers);
      await stream.until((frames) => frames.length > 0);
      stream.cut();
      expect(created.body.task.created_by).toBe('mallory');
      expect(stream.frames[0]!.data).toMatchObject({ userId: 'mallory' });
    });
  });

  describe('past the edge', () => {
    it.each([
      ['nothing', async (): Promise<Record<string, string>> => ({})],
      ['a bearer', async () => ({ authorization: await bearer(alice) })],
      ['the internal header', async () => ({ [internalHeader]: await bearer(alice) })],
      [
        'a signature of its own',
        async () => ({
          authorization:
            'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00',
          [internalHeader]: await bearer(alice),
        }),
      ],
    ])('the Function URL refuses a caller with %s', async (_, headersOf) => {
      const token = await stack.local.issuer.sign(alice);
      const answer = await past(stack, 'stream', `/sse/connect?token=${token}`, await headersOf());
      expect(answer).toEqual({ status: 403, body: '{"Message":"Forbidden"}' });
    });

    it('the HTTP API lets the token decide', async () => {
      expect(await past(stack, 'httpApi', '/tasks', {})).toMatchObject({ status: 401 });
      const headers = { [internalHeader]: await bearer(alice) };
      expect(await past(stack, 'httpApi', '/tasks', headers)).toMatchObject({ status: 200 });
    });
  });

  it('a flood at the own address of the API takes nothing from those who come by the edge', async () => {
    // Twice the burst that is left to those who come past the edge.
    const flood = Promise.all(Array.from({ length: 200 }, () => past(stack, 'httpApi', '/tasks', {})));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => stack.request(alice, 'GET', '/tasks?limit=1')),
    );
    const refused = (await flood).filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThan(0);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  });

  it.each([
    ['GET', '/tasks/999999', 404],
    ['GET', '/tasks/x', 400],
    ['PUT', '/tasks', 405],
    ['GET', '/sse/nothing', 404],
    ['POST', '/sse/connect', 403],
  ])('lets no cache keep the error of %s %s', async (method, target, status) => {
    const answer = await stack.request(alice, method, target);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('serves the bundled page with its security headers, and 404 for what is not there', async () => {
    const [page, nothing] = await Promise.all([stack.send('GET', '/'), stack.send('GET', '/nothing')]);
    const [, path = ''] = / src="([^"]+)"/.exec(page.body as string) ?? [];
    const script = await stack.send('GET', path);
    expect(page.status).toBe(200);
    // Its name says what is in it.
    expect(path).toMatch(/^\/assets\/index-[\w-]{8}\.js$/);
    expect(script.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(script.body).toContain('EventSource');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self'.*frame-ancestors 'none'/);
    expect(page.headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(nothing.status).toBe(404);
  });
});

describe('with the edge off', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start();
  });
  afterAll(() => stack.close());

  it('does not know the internal header', async () => {
    const headers = { [internalHeader]: `Bearer ${await stack.local.issuer.sign(alice)}` };
    for (const target of ['/tasks', '/sse/connect']) {
      expect(await stack.send('GET', target, { headers })).toMatchObject({ status: 401 });
    }
  });

  it('lets the token decide at the Function URL, with CORS for the listed origins only', async () => {
    const token = await stack.local.issuer.sign(alice);
    const open = (origin: string): Promise<StreamClient> =>
      StreamClient.open(`${stack.local.url}/sse/connect?token=${token}`, { origin });
    const [listed, other] = await Promise.all([open(stack.local.url), open('https://elsewhere.example')]);
    listed.cut();
    other.cut();
    expect(listed).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': stack.local.url },
    });
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  });
});
