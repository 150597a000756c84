import { controlFrames } from '../../protocol/frames.ts';
import { paths } from '../../protocol/paths.ts';
import { RequestRefused } from '../http/request.ts';
import { ticketFor } from '../http/ticket.ts';
import { openStream } from './fetch-transport.ts';
import { StreamTransport } from './stream-transport.ts';
import type { TransportListener, TransportRequest } from './transport.ts';
import { streamQuery } from './transport.ts';

/** `message` is what EventSource calls a frame without a name. */
const frameNames = ['message', ...controlFrames] as const;

/** The browser's own EventSource, opened with a ticket. It comes back by itself, after the server's `retry:`. */
export class EventSourceTransport extends StreamTransport {
  readonly isByToken = false;
  readonly #request: TransportRequest;
  #source: EventSource | undefined;

  constructor(request: TransportRequest, listener: TransportListener) {
    super(request, listener);
    this.#request = request;
    this.#open().catch((error: unknown) => this.end(error));
  }

  override close(): void {
    super.close();
    this.#source?.close();
  }

  async #open(): Promise<void> {
    const { endpoints, token } = this.#request;
    const ticket = await ticketFor(token, endpoints, this.signal);
    this.signal.throwIfAborted();
    const query = `ticket=${encodeURIComponent(ticket)}&${streamQuery(this.#request)}`;
    const source = new EventSource(`${endpoints.stream}${paths.stream}?${query}`);
    this.#source = source;
    for (const name of frameNames) {
      source.addEventListener(name, ({ lastEventId: id, data }: MessageEvent<string>) => {
        this.liveness.heard();
        this.listener.onFrame({ name, id, data });
      });
    }
    source.addEventListener('open', () => this.liveness.opened());
    source.addEventListener('error', () => {
      this.liveness.lost();
      if (source.readyState !== EventSource.CLOSED) this.listener.onInterrupted();
      else this.#findRefusal().catch((error: unknown) => this.end(error));
    });
  }

  /** EventSource does not tell why it was refused: asks again, in a way that does. Always throws. */
  async #findRefusal(): Promise<never> {
    const asking = new AbortController();
    await openStream(this.#request, asking.signal);
    asking.abort();
    throw new RequestRefused({ status: 503, code: 'unavailable', message: 'The stream was refused.' });
  }
}
