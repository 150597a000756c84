import { errorsHeader } from '../../protocol/headers.ts';
import { paths } from '../../protocol/paths.ts';
import { parse, refusalOf, RequestRefused, ServerUnreachable } from '../http/request.ts';
import { eventStreamParser } from './event-stream-parser.ts';
import type { StreamFrame } from './source.ts';
import { StreamTransport } from './stream-transport.ts';
import type { TransportListener, TransportRequest } from './transport.ts';
import { streamQuery } from './transport.ts';

/** An event stream over `fetch`: its token is in a header, and what the server refuses it says with its status. */
export class FetchTransport extends StreamTransport {
  readonly isByToken = true;
  #retryMs: number | undefined;

  constructor(request: TransportRequest, listener: TransportListener) {
    super(request, listener);
    this.#read(request).then(
      () => this.end(undefined, this.#retryMs),
      (error: unknown) => this.end(error),
    );
  }

  /** @throws when it cannot be opened; comes back when it has ended. */
  async #read(request: TransportRequest): Promise<void> {
    const { signal } = this;
    const body = await openStream(request, signal);
    this.liveness.opened();
    const feed = eventStreamParser({
      onEvent: (event) => {
        if (signal.aborted) return;
        this.liveness.heard();
        this.listener.onFrame(event as StreamFrame);
      },
      onRetry: (milliseconds) => {
        this.#retryMs = milliseconds;
      },
    });
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      // However it breaks, it has ended.
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done || signal.aborted) return;
      feed(value ?? '');
    }
  }
}

/**
 * Opens a stream with a token.
 * @throws {RequestRefused} when the server gives none; {ServerUnreachable} when it does not answer.
 */
export async function openStream(
  request: Pick<TransportRequest, 'endpoints' | 'token' | 'subscription' | 'cursor'>,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const { endpoints, token } = request;
  const response = await fetch(`${endpoints.stream}${paths.stream}?${streamQuery(request)}`, {
    headers: { authorization: `Bearer ${token}`, [errorsHeader]: 'status' },
    cache: 'no-store',
    signal,
  }).catch(() => {
    throw new ServerUnreachable('The server does not answer.');
  });
  const { ok, body, headers } = response;
  if (!ok) throw refusalOf(response, parse(await response.text()));
  if (body && headers.get('content-type')?.startsWith('text/event-stream') === true) return body;
  throw new RequestRefused({
    status: response.status,
    code: 'no_event_stream',
    message: 'Something else than a stream was answered: is this the address of a deployment?',
    isPassing: true,
  });
}
