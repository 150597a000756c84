import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { EventStream } from '../../bench/event-stream.ts';

const created = '{"type":"task.created","taskId":1}';
const deleted = '{"type":"task.deleted","taskId":1}';
const frames = [
  ':\nretry: 300\ndata: {"type":"connection.established"}\nid: a\n\n:   \n',
  `data: ${created}\nid: b\n\nevent: ping\ndata: {"timestamp":"t"}\nid: c\n\n`,
  `data: ${deleted}\nid: d\n\n`,
];
const answer = [
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  ...frames.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`),
  '0\r\n\r\n',
].join('');

const closing: Array<() => void> = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that hands each connection to `serve` once its request is there. */
async function listen(serve: (socket: Socket, request: string) => void): Promise<number> {
  const server = createServer((socket) => socket.once('data', (head) => serve(socket, head.toString())));
  closing.push(() => server.close());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Reads a stream to its end. */
async function eventsFrom(port: number): Promise<string[]> {
  const events: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const stream = new EventStream(port, 'token', { onEvent: (json) => events.push(json), onEnd: resolve });
  await stream.established;
  await promise;
  return events;
}

describe('EventStream', () => {
  it('gives the task events of an answer that comes at once', async () => {
    const port = await listen((socket) => socket.end(answer));

    expect(await eventsFrom(port)).toEqual([created, deleted]);
  });

  it('ends with its answer, though the server keeps the connection', async () => {
    const port = await listen((socket) => socket.write(answer));
    expect(await eventsFrom(port)).toEqual([created, deleted]);
  });

  it('comes back with the last id that it had', async () => {
    const requests: string[] = [];
    const port = await listen((socket, request) => {
      requests.push(request);
      socket.end(answer);
    });
    let lastId: string | undefined;
    for (let nth = 0; nth < 2; nth += 1) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const stream = new EventStream(port, 'token', { onEvent: () => {}, onEnd: resolve }, lastId);
      await promise;
      ({ lastId } = stream);
    }
    expect(requests[0]).not.toContain('Last-Event-ID');
    expect(requests[1]).toContain('\r\nLast-Event-ID: d\r\n');
  });

  it('gives the same when every byte comes by itself', async () => {
    const port = await listen((socket) => {
      socket.setNoDelay(true);
      const bytes = answer.split('');
      const next = (): void => {
        const byte = bytes.shift();
        if (byte === undefined) socket.end();
        else socket.write(byte, () => setImmediate(next));
      };
      next();
    });

    expect(await eventsFrom(port)).toEqual([created, deleted]);
  });

  it('refuses another status than 200', async () => {
    const port = await listen((socket) => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n'));
    const stream = new EventStream(port, 'token', { onEvent: () => undefined, onEnd: () => undefined });

    await expect(stream.established).rejects.toThrow('HTTP/1.1 401');
  });
});
