import { BatchWriteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Who } from '../end-to-end/stack.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { FunctionRuntime } from './function-runtime.ts';
import type { EventRequest } from './http-event.ts';
import { payloadEvent } from './http-event.ts';
import type { Invocation } from './invocation.ts';

let stack: TestStack;
const runtimes: FunctionRuntime[] = [];

beforeAll(async () => {
  // With a prefix of its own: what is refused here on purpose is no gap in the policies.
  stack = await TestStack.start({ prefix: `runtime-${process.pid}` });
});
afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
});
afterAll(() => stack.close());

const alice = { sub: 'alice', workspace: 'runtime' };

/** Starts a function of the stack by its short name. */
async function start(
  name: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<FunctionRuntime> {
  const { settings } = stack.local.functions.find((local) => local.name === name)!.process;
  const runtime = await FunctionRuntime.start(settings, environment);
  runtimes.push(runtime);
  return runtime;
}

async function connectEvent(headers: EventRequest['headers'] = {}, who: Who = alice): Promise<object> {
  const token = await stack.local.issuer.sign(who);
  return payloadEvent({ method: 'GET', path: '/sse/connect', query: { token }, headers });
}

/** Puts so much into the log that no buffer on the way to a client holds it. */
async function writeMegabytes(workspace: string, megabytes: number): Promise<void> {
  for (let id = 1; id <= megabytes * 100; id += 25) {
    const requests = Array.from({ length: 25 }, (_, index) => ({
      PutRequest: {
        Item: { workspace, id: 1e6 + id + index, description: 'x'.repeat(10_000) },
      },
    }));
    await stack.database.send(
      new BatchWriteCommand({ RequestItems: { [stack.local.tables['tasks']!]: requests } }),
    );
  }
  await stack.local.pump.drained();
}

/** Cuts a streamed answer: JSON prelude, delimiter, body. */
function parse(answer: Buffer): { prelude: unknown; delimiter: Buffer; body: string } {
  const end = answer.indexOf(0);
  const found = answer.findIndex((byte, index) => index > end && byte !== 0);
  const begin = found === -1 ? answer.length : found;
  return {
    prelude: JSON.parse(answer.subarray(0, end).toString()),
    delimiter: answer.subarray(end, begin),
    body: answer.subarray(begin).toString(),
  };
}

function expectStreamed({ headers }: Invocation): void {
  expect(headers).toMatchObject({
    'lambda-runtime-function-response-mode': 'streaming',
    'content-type': 'application/vnd.awslambda.http-integration-response',
    'transfer-encoding': 'chunked',
  });
}

const streamHead = {
  statusCode: 200,
  headers: {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-store, no-transform',
    'x-accel-buffering': 'no',
  },
};

describe("the stream function under AWS's runtime client", () => {
  it('sends status and headers, eight NUL bytes, and each frame while the answer is open', async () => {
    const { api } = await start('stream');
    const stream = api.invoke(await connectEvent());
    await stream.until('connection.established');
    expectStreamed(stream);
    const { prelude, delimiter, body } = parse(stream.body);
    expect(prelude).toEqual(streamHead);
    expect(delimiter).toEqual(Buffer.alloc(8));
    expect(body).toMatch(/^:\nretry: \d+\ndata: \{"type":"connection.established"[^\n]+\nid: \S+\n\n/);

    for (const name of ['first', 'second', 'third']) {
      expect(stream.body.includes(name)).toBe(false);
      const { status } = await stack.request(alice, 'POST', '/tasks', { name });
      expect(status).toBe(201);
      await stream.until(`"name":"${name}"`);
      expect(stream.isOpen).toBe(true);
    }
    const types = [...parse(stream.body).body.matchAll(/^data: \{"type":"([^"]+)"/gm)].map(
      ([, type]) => type,
    );
    expect(types).toEqual(['connection.established', 'task.created', 'task.created', 'task.created']);
  });

  it('ends cleanly before the deadline that Lambda sets, and goes on from the cursor when it is invoked again', async () => {
    const { api } = await start('stream');
    const first = api.invoke(await connectEvent(), 11_000);
    const { body } = parse(await first.ended);
    expect(body).toMatch(
      /\nevent: end\ndata: \{"reason":"deadline","reconnect":true[^\n]*\}\nid: \S+\n\n(:[^\n]*\n)*$/,
    );
    expect(first.trailers).toEqual({});

    await stack.request(alice, 'POST', '/tasks', { name: 'between two sessions' });
    await stack.local.pump.drained();
    const cursor = [...body.matchAll(/^id: (\S+)$/gm)].at(-1)![1]!;
    const second = api.invoke(await connectEvent({ 'last-event-id': cursor }), 15_000);
    await second.until('between two sessions');
    await second.ended;
    expect(second.trailers).toEqual({});
  });

  it('answers 204 without a body to a client that comes back after a terminal end', async () => {
    const { api } = await start('stream');
    const unwanted = api.invoke(await connectEvent({ 'last-event-id': '0.1.0.0.000000000000.end' }));
    const { prelude, delimiter, body } = parse(await unwanted.ended);
    expect(prelude).toEqual({ statusCode: 204, headers: { 'cache-control': 'no-store' } });
    expect(delimiter).toEqual(Buffer.alloc(8));
    expect(body).toBe('');
    expect(unwanted.trailers).toEqual({});
  });

  it('breaks off a 204 that Lambda does not close, instead of waiting, billed, for the time limit', async () => {
    const { api, exited } = await start('stream');
    api.leavesAnswersOpen = true;
    const unwanted = api.invoke(await connectEvent({ 'last-event-id': '0.1.0.0.000000000000.end' }));
    expect(parse(await unwanted.ended).prelude).toMatchObject({ statusCode: 204 });
    await exited;
  });

  it('ends within the promised time when its client has said that it leaves', async () => {
    const { api } = await start('stream');
    const stream = api.invoke(await connectEvent());
    await stream.until('connection.established');
    const [, connectionId] = /"connectionId":"([^"]+)"/.exec(parse(stream.body).body)!;
    await stack.request(alice, 'POST', '/sse/disconnect', { connectionId });
    const { body } = parse(await stream.ended);
    expect(body).toContain('{"reason":"disconnected","reconnect":false}');
    expect(stream.trailers).toEqual({});
  });

  it('breaks off the answer to a client that reads nothing, at the price of its process', async () => {
    const who = { sub: 'alice', workspace: 'stalled' };
    const { body: list } = await stack.request(who, 'GET', '/tasks');
    await writeMegabytes(who.workspace, 10);
    const { api, exited } = await start('stream', { SLOW_READER_SECONDS: '1' });
    const stalled = api.invoke(await connectEvent({ 'last-event-id': list.streamCursor }, who));
    stalled.stall();
    // AWS's client takes no broken answer; it would wait for the time limit, which ends the process as well.
    await exited;
    stalled.read();
    await expect(stalled.ended).rejects.toThrow('broke off');
    const { Items: open } = await stack.database.send(
      new ScanCommand({ TableName: stack.local.tables['connections'], ConsistentRead: true }),
    );
    expect(open!.filter(({ workspace, user }) => workspace === who.workspace && user === who.sub)).toEqual(
      [],
    );
  });

  it('answers 401 with JSON to whoever has no token', async () => {
    const { api } = await start('stream');
    const refused = api.invoke(payloadEvent({ method: 'GET', path: '/sse/connect' }));
    const { prelude, delimiter, body } = parse(await refused.ended);
    expectStreamed(refused);
    expect(prelude).toMatchObject({
      statusCode: 401,
      headers: { 'content-type': 'application/json; charset=utf-8', 'www-authenticate': 'Bearer' },
    });
    expect(delimiter).toEqual(Buffer.alloc(8));
    expect(JSON.parse(body)).toEqual({ code: 'token_missing', error: expect.any(String) });
    expect(refused.trailers).toEqual({});
  });

  it('reports which variable is missing when it starts', async () => {
    const { api } = await start('stream', { EVENTS_TABLE: undefined });
    expect(await api.initializationError).toMatchObject({
      errorMessage: expect.stringContaining('EVENTS_TABLE'),
    });
  });
});

describe("the tasks function under AWS's runtime client", () => {
  it('answers in one piece', async () => {
    const { api } = await start('tasks');
    const authorization = `Bearer ${await stack.local.issuer.sign(alice)}`;
    const created = api.invoke(
      payloadEvent({
        method: 'POST',
        path: '/tasks',
        routeKey: 'POST /tasks',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'buffered' }),
      }),
    );
    const answer = JSON.parse((await created.ended).toString()) as { statusCode: number; body: string };
    expect(created.headers['lambda-runtime-function-response-mode']).toBeUndefined();
    expect(answer).toMatchObject({
      statusCode: 201,
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect(JSON.parse(answer.body)).toMatchObject({ task: { name: 'buffered', created_by: 'alice' } });
  });

  it('is held to the policy of its role', async () => {
    // Of that table it may read an item or a range, and no list of items.
    const connectionsTable = stack.local.tables['connections'];
    const { api } = await start('tasks', { TASKS_TABLE: connectionsTable });
    const authorization = `Bearer ${await stack.local.issuer.sign(alice)}`;
    const task = api.invoke(
      payloadEvent({
        method: 'POST',
        path: '/tasks/7/typing',
        routeKey: 'POST /tasks/{id}/typing',
        headers: { authorization },
      }),
    );
    expect(JSON.parse((await task.ended).toString())).toMatchObject({ statusCode: 500 });
    expect(stack.local.decisions()).toContainEqual(
      expect.objectContaining({ functionName: 'tasks', action: 'dynamodb:BatchGetItem', allowed: false }),
    );
  });
});
