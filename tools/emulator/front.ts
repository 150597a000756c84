import { createServer, request } from 'node:http';
import type { LoopbackServer } from '../../commands/loopback-server.ts';
import { listenOnLoopback } from '../../commands/loopback-server.ts';

/**
 * Gives the deployed API and stream one address on the loopback interface. The engine tells them apart by host names
 * below `localhost`, which not every machine resolves.
 * @param engineUrl where the engine answers.
 * @param hosts their names at the engine: of the stream for `/sse/connect`, of the API for all else.
 */
export async function openFront(
  engineUrl: string,
  hosts: { readonly api: string; readonly stream: string },
): Promise<LoopbackServer> {
  const { port } = new URL(engineUrl);
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    const host = /^\/sse\/connect(\?|$)/.test(path) ? hosts.stream : hosts.api;
    const forwarded = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: incoming.method ?? 'GET',
        headers: { ...incoming.headers, host: `${host}:${port}` },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.once('error', (error) => outgoing.writeHead(502).end(error.message));
    outgoing.once('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  return listenOnLoopback(server);
}
