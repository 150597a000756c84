import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import type { Frame } from '../../faults/board/frame-order.ts';
import { Conditions } from '../../faults/board/conditions.ts';
import { WebSocketClient } from '../../faults/board/web-socket.ts';
import { Random } from '../../faults/random.ts';

/** What a client says, as the server parses it. */
type Said = Readonly<Record<string, unknown>>;

const longMs = 20_000;
const conditions = new Conditions();
const until = async (condition: () => boolean): Promise<void> => {
  expect(await conditions.until(condition, longMs)).toBe(true);
};

/** A server that lets each client in with a status of its own, and keeps what they say. */
class Server {
  readonly #http = createServer();
  readonly #sockets = new WebSocketServer({ noServer: true });
  /** What handshakes are answered, one after the other; the last one counts for all that follow. */
  statuses = [101];
  readonly open: WebSocket[] = [];
  readonly said: Said[] = [];

  async listen(): Promise<void> {
    this.#http.on('upgrade', (request, socket, head) => {
      const status = this.statuses.length > 1 ? this.statuses.shift()! : this.statuses[0]!;
      if (status !== 101) {
        socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.open.push(webSocket);
        webSocket.on('message', (data: Buffer) => {
          this.said.push(JSON.parse(data.toString('utf8')) as Said);
          conditions.check();
        });
      });
    });
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Sends a frame of the subscription that the client has named last. */
  send(frame: object): void {
    const { subscription } = this.said.at(-1)!;
    this.open.at(-1)!.send(JSON.stringify({ subscription, ...frame }));
  }

  close(): void {
    for (const socket of this.open) socket.terminate();
    this.#http.close();
  }
}

let server: Server;
let client: WebSocketClient;
const frames: Frame[] = [];
beforeEach(async () => {
  frames.length = 0;
  server = new Server();
  await server.listen();
});
afterEach(() => {
  client.close();
  server.close();
});

function connect(cursor?: string): void {
  client = new WebSocketClient({
    url: server.url,
    wish: { status: ['done'] },
    cursor,
    random: new Random(1),
    underWayMs: 200,
    onFrame: (frame) => {
      frames.push(frame);
      conditions.check();
    },
    onEnd: () => conditions.check(),
  });
}

const established = { event: 'message', id: 'a', place: [1, 0, 0], data: { type: 'connection.established' } };
const created = {
  event: 'message',
  id: 'b',
  place: [1, 0, 1],
  after: [1, 0, 0],
  data: { type: 'task.created' },
};

describe('the client of the WebSocket in the fault matrix', () => {
  it('subscribes with its filter, pings with its cursor, and comes back with it', async () => {
    connect('begin');
    await until(() => server.said.length > 0);
    expect(server.said[0]).toMatchObject({ action: 'subscribe', cursor: 'begin', status: ['done'] });
    server.send(established);
    server.send(created);
    await until(() => server.said.some(({ action, cursor }) => action === 'ping' && cursor === 'b'));
    expect(frames.map(({ event, data }) => [event, data.type])).toEqual([
      [undefined, 'connection.established'],
      [undefined, 'task.created'],
    ]);
    server.open[0]!.terminate();
    await until(() => server.said.filter(({ action }) => action === 'subscribe').length === 2);
    expect(server.said.at(-1)).toMatchObject({ action: 'subscribe', cursor: 'b', status: ['done'] });
    expect([client.connections, client.ends.map(({ reason }) => reason)]).toEqual([2, [undefined]]);
  });

  it('comes back after any refusal but 401, which is final', async () => {
    server.statuses = [502, 429, 101, 401];
    connect();
    await until(() => server.said.length > 0);
    expect(client.isAlive).toBe(true);
    client.cut();
    await until(() => !client.isAlive);
    expect([client.finalStatus, client.connections]).toEqual([401, 1]);
  });

  it('stays away after an end that says so, and notes what is told to it all the same', async () => {
    connect();
    await until(() => server.said.length > 0);
    server.send(established);
    const end = { event: 'end', data: { reason: 'revoked', reconnect: false } };
    // Two that end it at once both say so.
    server.send(end);
    server.send(end);
    server.send(created);
    await until(() => !client.isAlive);
    // What was under way is none of it.
    await wait(1200);
    server.send(created);
    server.open[0]!.close();
    await until(() => client.ends.length > 0);
    expect(client.ends).toMatchObject([{ reason: 'revoked', saidAt: expect.any(Number) }]);
    expect(client.toldAfterEnd).toEqual(['"task.created" came after the end with revoked']);
    expect(frames).toHaveLength(1);
    expect(client.finalStatus).toBe(204);
  });

  it('comes back after another end, whatever was under way', async () => {
    connect();
    await until(() => server.said.length > 0);
    server.send({ event: 'end', data: { reason: 'session_length', reconnect: true } });
    server.send(created);
    await until(() => server.said.filter(({ action }) => action === 'subscribe').length === 2);
    expect([client.toldAfterEnd, client.isAlive]).toEqual([[], true]);
  });
});
