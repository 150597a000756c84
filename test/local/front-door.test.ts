import { once } from 'node:events';
import { connect } from 'node:net';
import { openFrontDoor } from '../../local/gateway/front-door.ts';
import type { FrontDoor, FrontDoorTargets } from '../../local/gateway/front-door.ts';
import type { Serve } from '../../local/gateway/serve.ts';

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
  functionUrl: answer,
  issuer: answer,
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

describe('once it is shut', () => {
  it('open answers break off, later requests are not answered, and the port is kept', async () => {
    door.open({
      ...targets,
      functionUrl: (_, response) => {
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
