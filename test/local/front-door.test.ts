import { once } from 'node:events';
import { connect } from 'node:net';
import { openFrontDoor } from '../../local/gateway/front-door.ts';
import type { FrontDoor, FrontDoorTargets } from '../../local/gateway/front-door.ts';
import type { Serve } from '../../local/gateway/serve.ts';
import { upgradeOf } from '../../local/gateway/upgrades.ts';

let door: FrontDoor;
beforeEach(async () => {
  door = await openFrontDoor(0);
});
afterEach(() => door.close());

const answer: Serve = (request, response) => {
  response.end(`${request.method} is served`);
  return Promise.resolve();
};
const targets: FrontDoorTargets = {
  httpApi: answer,
  stream: answer,
  webSocketApi: answer,
  issuer: answer,
  domains: { httpApi: 'api', stream: 'stream', webSocketApi: 'sockets' },
  byDomain: new Map(),
  edge: undefined,
  page: new Map(),
};

const ask = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${door.port}${path}`, init);

/** Sends a request on a connection of its own; resolves when the door has it. */
async function send(path: string): Promise<ReturnType<typeof connect>> {
  const socket = connect(door.port, '127.0.0.1');
  await once(socket, 'connect');
  await new Promise<void>((resolve) => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`, () => resolve());
  });
  return socket;
}

describe('before it is open', () => {
  it('requests wait, and are served then', async () => {
    const early = [ask('/sse/connect'), ask('/tasks', { method: 'POST', body: 'a body' })];
    // A client that does not wait that long is no trouble.
    const impatient = await send('/sse/connect');
    impatient.destroy();
    const open = setImmediate(() => door.open(targets));
    const answers = await Promise.all(early);
    clearImmediate(open);
    expect(await Promise.all(answers.map((each) => each.text()))).toEqual([
      'GET is served',
      'POST is served',
    ]);
    expect(await (await ask('/tasks')).text()).toBe('GET is served');
  });

  it('nothing is answered when the stack does not come up: the connection breaks', async () => {
    const waits = await send('/sse/connect');
    const chunks: Buffer[] = [];
    waits.on('data', (chunk) => chunks.push(chunk));
    // It may break with an error, which is as good.
    waits.on('error', () => {});
    const closed = new Promise((resolve) => waits.once('close', resolve));
    await door.close();
    await closed;
    expect(chunks).toEqual([]);
  });
});

/** What is written on a connection of its own is answered with, until the other end closes it. */
async function exchange(text: string, host = '127.0.0.1'): Promise<string> {
  const socket = connect(door.port, host);
  socket.write(text);
  let answered = '';
  for await (const chunk of socket) answered += String(chunk);
  return answered;
}

describe('a request that asks for another protocol', () => {
  it('is served like others when it comes for HTTP/2, with its body', async () => {
    door.open({
      ...targets,
      httpApi: async (request, response) => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        response.end(`${request.url} ${body} ${request.headers.upgrade}`);
      },
    });
    const answered = await exchange(
      'POST /tasks HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 6\r\n\r\na body' +
        'GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );

    expect(answered).toContain('/tasks a body undefined');
    // The connection goes on.
    expect(answered).toContain('/next  undefined');
  });

  it('is served like others when it comes for WebSocket to what speaks none', async () => {
    door.open(targets);
    const answered = await exchange(
      'GET /tasks HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );

    expect(answered).toMatch(/^HTTP\/1.1 200 OK/);
    expect(answered).toContain('GET is served');
  });

  it.each(['127.0.0.1', '::1'])('for WebSocket at /ws goes to its API, from %s', async (host) => {
    const asked: unknown[] = [];
    door.open({
      ...targets,
      webSocketApi: (request, response, path) => {
        asked.push(path, upgradeOf(request) !== undefined);
        response.writeHead(401).end();
        return Promise.resolve();
      },
    });
    const answered = await exchange(
      'GET /ws?token=x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n',
      host,
    );

    expect(answered).toMatch(/^HTTP\/1.1 401 /);
    expect(asked).toEqual(['/ws', true]);
  });

  it('waits before the door is open, and breaks once it is shut', async () => {
    const asked = Promise.withResolvers<void>();
    const early = exchange(
      'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    door.open({
      ...targets,
      webSocketApi: (request) => {
        upgradeOf(request)?.socket.write('open');
        asked.resolve();
        return Promise.resolve();
      },
    });
    await asked.promise;
    door.shut();

    expect(await early.catch(() => 'broken')).toMatch(/open|broken/);
    const late = exchange('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(await late.catch(() => '')).toBe('');
  });
});

describe('once it is shut', () => {
  it('open answers break off, later requests are not answered, and the port is kept', async () => {
    door.open({
      ...targets,
      stream: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
        return Promise.resolve();
      },
    });
    const stream = await ask('/sse/connect');
    const body = stream.text();
    door.shut();
    await expect(body).rejects.toThrow('terminated');
    await expect(ask('/sse/connect')).rejects.toThrow('fetch failed');
    await expect(openFrontDoor(door.port)).rejects.toThrow('is in use');
  });
});
