import type { EndReason } from '../../../protocol/end-reasons.ts';
import { endReasons } from '../../../protocol/end-reasons.ts';
import { encodeNotice } from '../../../protocol/web-socket.ts';
import type { Observer } from '../../../core/observer.ts';
import type { OpenSocket } from '../../../core/push/socket.ts';
import { connectionOf } from '../../../core/push/socket.ts';
import type { ConnectionStore } from '../dynamodb/connection-store.ts';
import type { SocketStore } from '../dynamodb/socket-store.ts';
import type { SubscriberStore } from '../dynamodb/subscriber-store.ts';
import type { Sockets } from './client.ts';

export interface SocketEndsOptions {
  readonly sockets: Pick<Sockets, 'send' | 'end'>;
  readonly openSockets: Pick<SocketStore, 'remove'>;
  readonly subscribers: Pick<SubscriberStore, 'remove'>;
  readonly connections: Pick<ConnectionStore, 'remove'>;
  readonly observer: Pick<Observer, 'trouble'>;
}

/** Ends WebSockets, and forgets those that have ended. */
export class SocketEnds {
  readonly #options: SocketEndsOptions;

  constructor(options: SocketEndsOptions) {
    this.#options = options;
  }

  /**
   * Ends a socket; one that is gone already is forgotten. The order matters: a message that is served meanwhile finds no item
   * of the socket and subscribes nobody; then nothing is pushed any more; so the `end` is the last frame that is sent. The
   * connection's own item goes last: it counts, and can be asked to end again, until all the rest has happened.
   * @throws what the tables throw. What API Gateway refuses is told to the observer: a client whose items are gone is
   *   answered nothing any more, and its connection is closed after two hours at the most.
   */
  async end(socket: OpenSocket, reason: EndReason): Promise<void> {
    const { sockets, openSockets, subscribers, connections } = this.#options;
    await openSockets.remove(socket.socket);
    await subscribers.remove(socket);
    await this.#attempt(() =>
      sockets.send(socket.socket, encodeNotice('end', { reason, ...endReasons[reason] })),
    );
    await this.#attempt(() => sockets.end(socket.socket));
    await connections.remove(connectionOf(socket));
  }

  /**
   * Forgets a socket that has ended by itself.
   * @throws what the tables throw.
   */
  async forget(socket: OpenSocket): Promise<void> {
    const { openSockets, subscribers, connections } = this.#options;
    await openSockets.remove(socket.socket);
    await subscribers.remove(socket);
    await connections.remove(connectionOf(socket));
  }

  async #attempt(call: () => Promise<boolean>): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.#options.observer.trouble('a WebSocket cannot be ended', error);
    }
  }
}
