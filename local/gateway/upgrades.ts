import { createServer, ServerResponse } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A connection that its client wants to use for WebSocket. */
export interface Upgrade {
  readonly socket: Duplex;
  /** What has come on it after the request. */
  readonly head: Buffer;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

/** The connection under a request for WebSocket, for who accepts it; undefined for any other request. */
export function upgradeOf(request: IncomingMessage): Upgrade | undefined {
  return upgrades.get(request);
}

/** Whether a request asks for WebSocket. Source: RFC 6455, 4.2.1. */
function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Makes a server hand requests for WebSocket to its listener like all others: who does not accept the upgrade answers. What
 * asks for another protocol, as some clients do for HTTP/2, is served as if it did not.
 * @returns what breaks off all connections that were taken out of the server's hands.
 */
export function takeUpgrades(server: Server, listener: RequestListener): () => void {
  const taken = new Set<Socket>();
  const plain = createServer({ keepAliveTimeout: server.keepAliveTimeout }, listener);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    taken.add(socket);
    socket.once('close', () => taken.delete(socket));
    // The server has taken its own listener away with the connection.
    socket.on('error', () => socket.destroy());
    if (!asksForWebSocket(request)) return serveAgain(plain, request, socket, head);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.once('finish', () => socket.destroySoon());
    response.assignSocket(socket);
    upgrades.set(request, { socket, head });
    listener(request, response);
  });
  return () => {
    for (const socket of taken) socket.destroy();
  };
}

/** Gives a connection to a server that knows no upgrades, with the request once more, without the wish for one. */
function serveAgain(plain: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value] = rawHeaders.slice(index, index + 2);
    if (!/^(upgrade|connection)$/i.test(name)) lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  plain.emit('connection', socket);
}
