import { paths } from '../../protocol/routes.ts';
import { WebSocket } from 'ws';
import { callApi } from '../writes/api.ts';
import type { Board } from '../board/board.ts';
import type { Injection } from '../matrix/row.ts';

/** An admin revokes all rights of a user of a board. */
export async function revoke({ stack, failures }: Injection, board: Board, userId: string): Promise<void> {
  const { status } = await callApi(stack.local.url, board.token('dave'), 'POST', paths.revocations, {
    body: { userId },
  });
  if (status !== 200) failures.push(`a revocation was answered ${status}`);
}

/** A token that was revoked opens nothing, here and at the API. */
export async function expectRefused({ stack, failures }: Injection, token: string): Promise<void> {
  for (const path of [paths.stream, paths.tasks]) {
    const { status, body } = await callApi(stack.local.url, token, 'GET', path);
    if (status !== 401 || body.code !== 'token_revoked') {
      failures.push(`a revoked token at ${path} was answered ${status} ${body.code}`);
    }
  }
  const handshake = await tryHandshake(
    `${stack.local.url.replace(/^http/, 'ws')}${paths.webSocket}?token=${token}`,
  );
  if (handshake !== 401) failures.push(`a revoked token at ${paths.webSocket} was answered ${handshake}`);
}

/** The status of a handshake; 101 for one that opens a connection. */
function tryHandshake(url: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const socket = new WebSocket(url);
  socket.once('open', () => resolve(101));
  socket.once('unexpected-response', (request, { statusCode = 0 }) => {
    resolve(statusCode);
    request.destroy();
  });
  socket.on('error', () => resolve(0));
  return promise.finally(() => socket.terminate());
}
