/** A task server on better-sse: one Node process that keeps tasks and events in its memory, whoever asks. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { collectGarbage } from '../../local/functions/runtime/collect-garbage.ts';
import { requirePeer } from './packages.ts';
import { servePeer } from './peer.ts';

interface Session {
  /** What the client had last; empty for a new one. */
  readonly lastId: string;
  push(data: unknown, event: string, id: string): void;
}

/** What is used of the package. */
interface BetterSse {
  readonly createSession: (request: IncomingMessage, response: ServerResponse) => Promise<Session>;
  readonly createChannel: () => {
    register(session: Session): void;
    broadcast(data: unknown, event: string, options: { readonly eventId: string }): void;
  };
}

const { createSession, createChannel } = requirePeer('better-sse') as BetterSse;
const channel = createChannel();
const events: object[] = [];

async function create(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const task = { id: events.length + 1, ...((await json(request)) as object) };
  const event = { type: 'task.created', taskId: task.id, task };
  events.push(event);
  channel.broadcast(event, 'message', { eventId: String(events.length) });
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ task }));
}

async function open(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const session = await createSession(request, response);
  const had = session.lastId === '' ? events.length : Number(session.lastId);
  session.push({ type: 'connection.established' }, 'message', String(had));
  for (let next = had; next < events.length; next += 1)
    session.push(events[next], 'message', String(next + 1));
  channel.register(session);
}

const server = createServer((request, response) => {
  void (request.method === 'POST' ? create : open)(request, response);
});
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
await servePeer({
  port: (server.address() as AddressInfo).port,
  pids: [process.pid],
  settle: collectGarbage,
  close: () => Promise.resolve(server.closeAllConnections()),
});
