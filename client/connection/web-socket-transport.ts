import { controlFrames } from '../../protocol/frames.ts';
import { subprotocol } from '../../protocol/web-socket.ts';
import { RequestRefused, ServerUnreachable } from '../http/request.ts';
import { ticketFor } from '../http/ticket.ts';
import { pageClocks } from './liveness.ts';
import type { ReceivedMessage } from './socket-follower.ts';
import { SocketFollower } from './socket-follower.ts';
import type { StreamFrame } from './source.ts';
import type { Transport, TransportListener, TransportRequest } from './transport.ts';

/** API Gateway ends a connection after ten minutes without a message, and a message costs something. */
const pingEveryMs = 240_000;
/** How long an answer may take, and the opening. */
const answerMs = 10_000;
const usualOpeningMs = 30_000;

const frameNames: ReadonlySet<string> = new Set(['message', ...controlFrames]);

/** A WebSocket that was opened with a ticket, and follows the workspace's log. */
export class WebSocketTransport implements Transport {
  readonly isByToken = false;
  readonly isClosedForServer = true;
  readonly #request: TransportRequest;
  readonly #listener: TransportListener;
  readonly #closing = new AbortController();
  readonly #follower: SocketFollower;
  #socket: WebSocket | undefined;
  #isOpen = false;
  /** By when something must have come, epoch milliseconds; undefined while nothing is asked. */
  #answerBy: number | undefined;
  #pingAt = Infinity;

  constructor(request: TransportRequest, listener: TransportListener) {
    this.#request = request;
    this.#listener = listener;
    this.#follower = new SocketFollower(
      (message) => this.#socket?.send(JSON.stringify(message)),
      (message) => this.#deliver(message),
    );
    this.#expectAnswer(request.openingMs ?? usualOpeningMs);
    this.#open().catch((error: unknown) => this.#end(error));
  }

  isDead(isDoubted: boolean): boolean {
    const now = pageClocks.now();
    if (this.#answerBy !== undefined) return now > this.#answerBy;
    if (isDoubted || now > this.#pingAt) {
      this.#expectAnswer();
      this.#follower.ping();
    }
    return false;
  }

  /** It asks itself whether it is alive. */
  pinged(): void {}

  close(): void {
    this.#closing.abort();
    this.#socket?.close();
  }

  async #open(): Promise<void> {
    const { endpoints, token } = this.#request;
    const { signal } = this.#closing;
    if (endpoints.webSocket === undefined)
      throw new TypeError('`webSocket` is missing in the address of the deployment.');
    const ticket = await ticketFor(token, endpoints, signal);
    signal.throwIfAborted();
    const socket = new WebSocket(`${endpoints.webSocket}?ticket=${encodeURIComponent(ticket)}`, [
      subprotocol,
    ]);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (signal.aborted) return socket.close();
      this.#isOpen = true;
      this.#expectAnswer();
      this.#follower.subscribe(this.#request.subscription, this.#request.cursor);
    });
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      if (signal.aborted) return;
      this.#answerBy = undefined;
      this.#pingAt = pageClocks.now() + pingEveryMs;
      const message = JSON.parse(data) as ReceivedMessage;
      // What is about the connection itself, and its end, belongs to no subscription.
      if (message.subscription === undefined) this.#deliver(message);
      else this.#follower.receive(message);
    });
    // A browser does not tell why a handshake was refused; the ticket has shown that the token is good.
    socket.addEventListener('close', () =>
      this.#end(this.#isOpen ? undefined : new ServerUnreachable('The WebSocket cannot be opened.')),
    );
  }

  #deliver({ event: name, id = '', data }: ReceivedMessage): void {
    if (name === 'error') this.#end(refusalOf(data));
    else if (frameNames.has(name))
      this.#listener.onFrame({ name, id, data: JSON.stringify(data) } as StreamFrame);
  }

  #end(error?: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.close();
    this.#listener.onEnd({ error });
  }

  #expectAnswer(withinMs = answerMs): void {
    this.#answerBy = pageClocks.now() + withinMs;
  }
}

/** An error that answers a message: `subscribe`, most often, which asks for something that there is not. */
function refusalOf({ code = 'internal', error }: ReceivedMessage['data']): RequestRefused {
  // All that a repetition mends is one of these.
  const isPassing = ['internal', 'unavailable', 'throttled'].includes(code);
  const status = isPassing ? 503 : 400;
  return new RequestRefused({ status, code, message: `${String(error)} (${code})` });
}
