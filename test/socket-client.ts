import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { Conversation, isWatched } from './traffic/watch.ts';

/** The server has refused a handshake with this status. */
export class HandshakeRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the handshake was refused with ${status}`);
    this.status = status;
  }
}

/** What messages are told apart by. */
export interface SocketMessage {
  readonly event?: string;
  readonly data?: { readonly type?: string };
}

/** A client of a WebSocket that keeps what comes until a test asks for it. */
export class SocketClient {
  readonly webSocket: WebSocket;
  /** How it ended, once it has. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #messages: string[] = [];
  readonly #conversation: Conversation | undefined;
  #waiting: (() => void) | undefined;

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    if (isWatched(webSocket.url)) this.#conversation = new Conversation();
    webSocket.on('message', (data: Buffer) => {
      this.#conversation?.heard(data.toString('utf8'));
      this.#messages.push(data.toString('utf8'));
      this.#waiting?.();
    });
    webSocket.on('error', () => {
      // 'close' follows.
    });
    this.closed = new Promise((resolve) => {
      webSocket.once('close', (code: number, reason: Buffer) =>
        resolve({ code, reason: reason.toString('utf8') }),
      );
    });
  }

  /** Opens a connection; rejects with {@link HandshakeRefused} for an answer of another kind. */
  static async open(
    url: string,
    { protocols = [], ...options }: ClientOptions & { readonly protocols?: string[] } = {},
  ): Promise<SocketClient> {
    const webSocket = new WebSocket(url, protocols, options);
    const client = new SocketClient(webSocket);
    const refused = new Promise<never>((_, reject) => {
      webSocket.once('unexpected-response', (request, response: IncomingMessage) => {
        reject(new HandshakeRefused(response.statusCode ?? 0));
        request.destroy();
      });
    });
    await Promise.race([once(webSocket, 'open'), refused]);
    return client;
  }

  send(text: string): void {
    this.#conversation?.said(text);
    this.webSocket.send(text);
  }

  /**
   * The next message, as it came.
   * @param isWanted passes over others, which are kept: what is answered and what is pushed has no order.
   */
  async next(isWanted: (text: string) => boolean = () => true): Promise<string> {
    for (let from = 0; ;) {
      for (; from < this.#messages.length; from += 1) {
        if (isWanted(this.#messages[from]!)) return this.#messages.splice(from, 1)[0]!;
      }
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  /** The next message, which is JSON. As `next` has it. */
  async nextJson(isWanted: (message: SocketMessage) => boolean = () => true): Promise<unknown> {
    return JSON.parse(await this.next((text) => isWanted(JSON.parse(text) as SocketMessage))) as unknown;
  }

  close(): Promise<unknown> {
    this.webSocket.close();
    return this.closed;
  }
}
