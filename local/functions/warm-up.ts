import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { paths } from '../../protocol/routes.ts';
import type { Issuer } from '../identity/issuer.ts';
import { CommandError } from '../../commands/command-error.ts';

/** How often a request is sent that is answered as passing trouble. */
const mostTries = 5;

interface Answered {
  readonly status: number;
  readonly body: string;
}

/** What asks for a WebSocket. Source: RFC 6455, 4.1. */
const handshake = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': randomBytes(16).toString('base64'),
};

/**
 * Sends each function a first request, so that the user's first one does not pay for loading and connecting.
 * @throws {CommandError} when one of them is answered otherwise than it should.
 */
export async function warmUp(port: number, issuer: Issuer): Promise<void> {
  const token = await issuer.sign({ sub: 'taskwire-start', admin: true });
  // Without a token the functions of stream and WebSocket answer 401 at once, and no connection is left behind.
  const ofAdmin = { authorization: `Bearer ${token}` };
  const requests = [
    { path: `${paths.tasks}?limit=1`, headers: ofAdmin, expected: 200 },
    { path: paths.stats, headers: ofAdmin, expected: 200 },
    { path: paths.stream, headers: {}, expected: 401 },
    { path: paths.webSocket, headers: handshake, expected: 401 },
  ];
  await Promise.all(
    requests.map(async ({ path: requestPath, headers, expected }) => {
      const ask = (): Promise<Answered> => get(port, requestPath, headers);
      let { status, body } = await ask();
      // A busy machine may take longer than a function waits for the issuer's keys.
      for (let tries = 1; status === 503 && tries < mostTries; tries += 1) ({ status, body } = await ask());
      if (status !== expected) {
        throw new CommandError(
          `GET ${requestPath} answers ${status} ${body.slice(0, 200)}; npm start -- --verbose shows the functions' logs`,
        );
      }
    }),
  );
}

/** Not by `fetch`, which lets nobody ask for an upgrade. */
function get(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ host: '127.0.0.1', port, path, headers });
    asked.on('response', (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.once('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: '' });
    });
    asked.once('error', reject).end();
  });
}
