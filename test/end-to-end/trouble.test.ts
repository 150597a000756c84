import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { NumberValue, PutCommand } from '@aws-sdk/lib-dynamodb';
import { findFreePort } from '../../commands/free-port.ts';
import { TestStack } from './stack.ts';

const alice = { sub: 'alice', workspace: 'trouble' };

describe('an issuer whose keys cannot be had any more', () => {
  let stack: TestStack;
  let keys: Server;
  let unknownKey: string;

  beforeAll(async () => {
    const port = await findFreePort();
    keys = createServer((_, response) => {
      fetch(`http://127.0.0.1:${port}/issuer/.well-known/jwks.json`)
        .then((answer) => answer.text())
        .then((json) => response.end(json))
        .catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
    const uri = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/`;
    stack = await TestStack.start({ port, environment: { JWT_JWKS_URI: uri } });
    keys.closeAllConnections();
    await new Promise((resolve) => keys.close(resolve));
    const [, ...rest] = (await stack.local.issuer.sign(alice)).split('.');
    const header = Buffer.from('{"alg":"ES256","kid":"rotated"}').toString('base64url');
    unknownKey = [header, ...rest].join('.');
  });
  afterAll(() => stack.close());

  it('does not stop an EventSource: the stream answers 200 with a retry time and ends', async () => {
    const { status, headers, body } = await stack.send('GET', `/sse/connect?token=${unknownKey}`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(body).toMatch(/^:\nretry: \d+\nevent: end\ndata: \{"reason":"trouble","reconnect":true\}\n\n$/);
  });

  it('is 503 on the API, and never 401', async () => {
    const answer = await stack.send('GET', '/tasks', { headers: { authorization: `Bearer ${unknownKey}` } });
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  it('still lets in whoever has a token of a key that is known', async () => {
    expect((await stack.request(alice, 'GET', '/tasks')).status).toBe(200);
    expect((await stack.connect(alice)).status).toBe(200);
  });
});

describe('items that are no tasks', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start();
  });
  afterAll(() => stack.close());

  it('neither stop the log nor reach anyone, and what is too large makes clients load again', async () => {
    const stream = await stack.connect(alice);
    const TableName = stack.local.tables['tasks'];
    const items = [
      { workspace: 'no workspace', id: 1, name: 'foreign' },
      { workspace: 'trouble#counter', id: 7, name: 'foreign' },
      { workspace: 'trouble', id: 1.5, name: 'foreign' },
      { workspace: 'trouble', id: -3, name: 'foreign' },
      { workspace: 'trouble', id: 5, name: 'large', description: 'x'.repeat(300_000) },
      { workspace: 'trouble', id: 6, name: 'odd', visibility: 'Private' },
      { workspace: 'trouble', id: 7, name: 'a task' },
    ];
    for (const Item of items) await stack.database.send(new PutCommand({ TableName, Item }));
    await stream.until(() => stream.events.some(({ task }) => task.name === 'a task'));
    expect(stream.withoutPings.slice(1).map(({ event, data }) => [event, data.reason ?? data.type])).toEqual([
      ['resume', 'resync'],
      ['resume', 'resync'],
      [undefined, 'task.created'],
    ]);
    const { tasks } = (await stack.request(alice, 'GET', '/tasks')).body;
    expect(tasks.map(({ name }: { name: string }) => name)).toEqual(['large', 'a task']);
    expect((await stack.request(alice, 'GET', '/tasks/6')).status).toBe(404);
  });

  it('do not break a list when they hold numbers that JavaScript cannot', async () => {
    const TableName = stack.local.tables['tasks'];
    const number = (text: string): NumberValue => NumberValue.from(text);
    const items = [
      { workspace: 'numbers', id: 1, name: 'beside a task', weight: number('12345678901234567890.5') },
      { workspace: 'numbers', id: 2, name: 'in a task', priority: number('12345678901234567890.5') },
      { workspace: 'numbers', id: 3, name: 'a task' },
    ];
    const erin = { sub: 'erin', workspace: 'numbers' };
    const stream = await stack.connect(erin);
    for (const Item of items) await stack.database.send(new PutCommand({ TableName, Item }));
    const { status, body } = await stack.request(erin, 'GET', '/tasks');
    expect([status, body.tasks.map(({ id }: { id: number }) => id)]).toEqual([200, [1, 3]]);
    expect((await stack.request(erin, 'GET', '/tasks/2')).status).toBe(404);
    await stream.until(() => stream.events.some(({ taskId }) => taskId === 3));
    expect(stream.events.map(({ taskId }) => taskId)).toEqual([1, 3]);
  });
});
