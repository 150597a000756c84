import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';

/** A request on its way to the deployment. */
export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer on its way back: of the deployment itself, or one that stands in for it. */
type Forward = (request: ProxiedRequest) => Promise<Response>;

/** What a broken deployment does otherwise than a sound one. */
export interface Fault {
  readonly answer?: (request: ProxiedRequest, forward: Forward) => Promise<Response>;
  /** Makes, for one stream, what gives the text to send in place of a frame. */
  readonly frames?: (request: ProxiedRequest) => (frame: string) => string;
  /** Lets no WebSocket in; or gives the text to send in place of a message of the server, undefined for none. */
  readonly sockets?: 'refused' | ((message: string) => string | undefined);
}

/** What the first step that fails must say. */
interface Finding {
  readonly found: RegExp;
  readonly meaning: RegExp;
}

/** A fault that the smoke test finds. */
export type NamedFault = readonly [name: string, fault: Fault, finding: Finding];

/** Answers requests of this method to this path otherwise, and passes on all others. */
export function answering(method: string, path: RegExp, answer: () => Response): Fault {
  return {
    answer: async (request, forward) =>
      request.method === method && path.test(request.path) ? answer() : forward(request),
  };
}

/** A deployment with one fault: a proxy before a sound one. */
export interface BrokenDeployment extends AsyncDisposable {
  readonly url: string;
}

/** Starts a proxy on the loopback interface before the deployment at `target`. */
export async function startBrokenDeployment(target: string, fault: Fault): Promise<BrokenDeployment> {
  // As the local stack: a connection that a slow machine has not used for 5 s must not break as it is used again.
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    relay(target, fault, request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => relaySocket(target, fault, request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Opens the same WebSocket at the deployment, and hands on what either side says. */
function relaySocket(
  target: string,
  { sockets }: Fault,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  if (sockets === 'refused') {
    socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    return;
  }
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
  const there = new WebSocket(`${target.replace('http', 'ws')}${request.url}`, protocols);
  there.once('error', () => socket.destroy());
  there.once('open', () => {
    new WebSocketServer({ noServer: true }).handleUpgrade(request, socket, head, (here) => {
      here.on('message', (data: Buffer) => there.send(data.toString('utf8')));
      here.once('close', () => there.close());
      there.once('close', () => here.close());
      there.on('message', (data: Buffer) => {
        const text = data.toString('utf8');
        const changed = sockets === undefined ? text : sockets(text);
        if (changed !== undefined) here.send(changed);
      });
    });
  });
}

async function relay(
  target: string,
  fault: Fault,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const left = new AbortController();
  outgoing.once('close', () => left.abort());
  const forward: Forward = ({ method, path, headers, body }) =>
    fetch(`${target}${path}`, { method, headers, signal: left.signal, ...(body !== '' && { body }) });
  const request = await readRequest(incoming);
  const answer = await (fault.answer === undefined ? forward(request) : fault.answer(request, forward));
  const headers = Object.fromEntries(answer.headers);
  for (const own of ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-encoding']) {
    delete headers[own];
  }
  outgoing.writeHead(answer.status, headers);
  if (headers['content-type'] !== 'text/event-stream') {
    outgoing.end(await answer.text());
    return;
  }
  outgoing.flushHeaders();
  const change = fault.frames?.(request) ?? ((frame: string) => frame);
  let rest = '';
  for await (const text of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const frames = (rest + text).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) outgoing.write(change(`${frame}\n\n`));
  }
  outgoing.end();
}

async function readRequest(incoming: IncomingMessage): Promise<ProxiedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    const isOfTheConnection = ['host', 'connection', 'content-length', 'transfer-encoding'].includes(name);
    if (typeof value === 'string' && !isOfTheConnection) headers[name] = value;
  }
  const body = Buffer.concat(chunks).toString('utf8');
  return { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers, body };
}
