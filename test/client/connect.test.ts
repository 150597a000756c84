import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connection, ConnectionStatus, ConnectOptions, TaskEvent } from '../../client/index.ts';
import { connect, RequestRefused } from '../../client/index.ts';
import { Conditions } from '../../faults/board/conditions.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { waitUntil } from '../wait-until.ts';

/** Those of the test. */
const listeners: Listener[] = [];
afterEach(() => {
  for (const { connection } of listeners.splice(0)) connection.close();
});

/** A connection, and what it tells. */
class Listener {
  readonly connection: Connection;
  readonly statuses: ConnectionStatus[] = [];
  readonly events: TaskEvent[] = [];
  readonly #conditions = new Conditions();

  constructor(options: ConnectOptions) {
    const connection = connect(options);
    listeners.push(this);
    this.connection = connection;
    connection.on('status', (status) => {
      this.statuses.push(status);
      this.#conditions.check();
    });
    connection.on('task', (event) => {
      this.events.push(event);
      this.#conditions.check();
    });
  }

  /** Something else has happened that may be waited for. */
  check(): void {
    this.#conditions.check();
  }

  until(isSo: () => boolean): Promise<void> {
    return waitUntil(this.#conditions, isSo, () => this.statuses);
  }

  isIn(state: ConnectionStatus['state']): Promise<void> {
    return this.until(() => this.connection.status.state === state);
  }
}

describe('connect, in Node,', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start();
  });
  afterAll(() => stack.close());

  it.each(['fetch', 'websocket'] as const)(
    'by %s tells what happens, and sends requests',
    async (transport) => {
      const who = { sub: 'ana', workspace: `node-${transport}` };
      const token = (): Promise<string> => stack.local.issuer.sign(who);
      const listener = new Listener({ url: stack.local.url, token, transport });
      const { connection } = listener;
      expect(connection.status).toEqual({ state: 'connecting' });
      const created: number[] = [];
      const stop = connection.on('task.created', ({ task }) => created.push(task.id));
      await listener.isIn('live');
      await connection.send('POST', '/tasks', {}, { name: 'Milk' });
      await listener.until(() => listener.events.length === 1);
      stop();
      await connection.send('PATCH', '/tasks/1', { 'if-match': '"1"' }, { status: 'done' });
      await connection.send('POST', '/tasks', {}, { name: 'Bread' });
      await listener.until(() => listener.events.length === 4);
      expect(listener.events.map(({ type }) => type)).toEqual([
        'task.created',
        'task.status_changed',
        'task.updated',
        'task.created',
      ]);
      expect(created).toEqual([1]);
      await expect(connection.send('PATCH', '/tasks/1', {}, { status: 'nowhere' })).rejects.toMatchObject({
        status: 400,
        code: 'invalid_field',
        isPassing: false,
      });
      connection.close();
      expect(listener.statuses.at(-1)).toEqual({ state: 'live' });
      expect(connection.status).toMatchObject({ state: 'offline', reason: 'closed' });
      await expect(connection.send('GET', '/tasks')).rejects.toThrow(/abort/i);
    },
  );

  it('goes on at a cursor: nothing is told twice, and nothing is lost', async () => {
    const who = { sub: 'ana', workspace: 'node-cursor' };
    const options = { url: stack.local.url, token: () => stack.local.issuer.sign(who) };
    const first = new Listener(options);
    await first.isIn('live');
    await first.connection.send('POST', '/tasks', {}, { name: 'one' });
    await first.until(() => first.events.length === 1);
    const { cursor } = first.connection;
    first.connection.close();
    await stack.request(who, 'POST', '/tasks', { name: 'two' });
    const second = new Listener({ ...options, cursor });
    await second.until(() => second.events.length === 1);
    expect(second.events[0]).toMatchObject({ taskId: 2 });
    second.connection.close();
  });

  it('leaves the stream when it is paused, and goes on where it was', async () => {
    const who = { sub: 'ana', workspace: 'node-paused' };
    const token = (): Promise<string> => stack.local.issuer.sign(who);
    const listener = new Listener({ url: stack.local.url, token });
    await listener.isIn('live');
    listener.connection.pause();
    expect(listener.connection.status).toMatchObject({ state: 'offline', reason: 'paused' });
    await stack.request(who, 'POST', '/tasks', { name: 'meanwhile' });
    listener.connection.reconnect();
    await listener.until(() => listener.events.length === 1);
    listener.connection.close();
  });

  it.each(['not an address', '', 'nowhere:'])('refuses %j as an address at once', (url) => {
    expect(() => connect({ url, token: 't' })).toThrow(TypeError);
  });
});

describe('connect, to something that is no stream,', () => {
  let server: Server;
  let answers: Array<
    (request: { readonly url: string }) => { status?: number; type?: string; body?: string }
  >;
  const asked: string[] = [];
  beforeEach(async () => {
    asked.length = 0;
    server = createServer((request, response) => {
      asked.push(request.url!);
      for (const listener of listeners) listener.check();
      const {
        status = 200,
        type = 'application/json',
        body = '{}',
      } = answers[Math.min(asked.length, answers.length) - 1]!({ url: request.url! });
      response.writeHead(status, { 'content-type': type }).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => server.close());

  it('says so, and tries again: a portal of a network may be in between', async () => {
    answers = [() => ({ type: 'text/html', body: '<h1>Sign in to the Wi-Fi</h1>' })];
    const { port } = server.address() as AddressInfo;
    const listener = new Listener({ url: `http://127.0.0.1:${port}`, token: 't' });
    await listener.until(() => asked.length > 1);
    expect(listener.statuses.at(-1)).toMatchObject({ state: 'connecting', reason: 'no_event_stream' });
    listener.connection.close();
  });

  it('says what the server says, with its code, and stops where that is final', async () => {
    answers = [() => ({ status: 403, body: '{"error":"not you","code":"forbidden"}' })];
    const { port } = server.address() as AddressInfo;
    const listener = new Listener({ url: `http://127.0.0.1:${port}`, token: 't' });
    await listener.isIn('denied');
    expect(listener.connection.status).toEqual({
      state: 'denied',
      reason: 'forbidden',
      message: 'not you (forbidden, HTTP 403)',
    });
    expect(asked).toEqual(['/sse/connect?']);
    listener.connection.close();
  });

  it('refuses no more than it is refused: an error is one of its own', () => {
    const error = new RequestRefused({ status: 429, code: 'throttled', message: 'later', retryAfterMs: 5 });
    expect(error).toMatchObject({ name: 'RequestRefused', isPassing: true, retryAfterMs: 5 });
  });
});
