import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';

/** A request that was handed on to a server, and its answer. */
export interface RelayOptions {
  /** The request to the server, whose body and answer are relayed. */
  readonly sent: ClientRequest;
  /** Whether the server does not hear when the client leaves. */
  readonly hidesLeaving: boolean;
  readonly onSent: ((bytes: Buffer) => void) | undefined;
}

/** Headers of the connection to the server, not of that to the client. */
const hopHeaders = ['connection', 'keep-alive', 'transfer-encoding'];

/**
 * Hands a request on to a server, and its answer back as it comes, no faster than the client takes it.
 * @returns when the answer is over, or broken off.
 * @throws {Error} when the server goes, or breaks off, before the head of its answer.
 */
export async function relay(
  request: IncomingMessage,
  response: ServerResponse,
  { sent, hidesLeaving, onSent }: RelayOptions,
): Promise<void> {
  const over = Promise.withResolvers<void>();
  const onLeft = (): void => {
    if (!hidesLeaving) sent.destroy();
  };
  response.once('close', onLeft);
  sent.once('error', over.reject);
  sent.once('response', (answer) => {
    const headers = { ...answer.headers };
    for (const name of hopHeaders) delete headers[name];
    if (!response.destroyed) response.writeHead(answer.statusCode ?? 502, headers).flushHeaders();
    // A server that does not hear of it goes on to write to a client that has left.
    response.once('close', () => answer.resume());
    answer.on('data', (bytes: Buffer) => {
      if (response.destroyed) return;
      onSent?.(bytes);
      if (response.write(bytes)) return;
      answer.pause();
      response.once('drain', () => answer.resume());
    });
    answer.once('end', () => response.end());
    answer.once('error', () => response.destroy());
    answer.once('close', over.resolve);
  });
  request.pipe(sent);
  await over.promise;
}
