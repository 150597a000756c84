import type { EndReason } from '../../../protocol/end-reasons.ts';
import { endReasons } from '../../../protocol/end-reasons.ts';
import { encodeNotice } from '../../../protocol/web-socket.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Observer } from '../../../core/observer.ts';
import type { OpenSocket } from '../../../core/push/socket.ts';
import { connectionOf } from '../../../core/push/socket.ts';
import type { ConnectionStore } from '../dynamodb/connection-store.ts';
import type { SocketStore } from '../dynamodb/socket-store.ts';
import type { SubscriberStore } from '../dynamodb/subscriber-store.ts';
import type { Sockets } from './client.ts';

export interface SocketEndsOptions {
  readonly sockets: Pick<Sockets, 'send' | 'end'>;
  readonly openSockets: Pick<SocketStore, 'markEnded' | 'remove'>;
  readonly subscribers: Pick<SubscriberStore, 'remove'>;
  readonly connections: Pick<ConnectionStore, 'remove'>;
  readonly observer: Pick<Observer, 'ended' | 'trouble'>;
  readonly clock: Clock;
}

/** Ends WebSockets, and forgets those that have ended. */
export class SocketEnds {
  readonly #options: SocketEndsOptions;

  constructor(options: SocketEndsOptions) {
    this.#options = options;
  }

  /**
   * Ends a socket; one that is gone already is forgotten. The order matters: a message that is served meanwhile finds that the
   * socket must end, and subscribes nobody; then nothing is pushed any more, but for what is under way; the connection's own
   * item counts, and can be asked to end again, until all the rest has happened.
   * @param reason unless somebody else has ended it for another.
   * @throws what the tables throw. What API Gateway refuses is told to the observer: a client whose connection cannot be
   *   closed is told nothing any more but why, whenever it asks, until API Gateway closes it after two hours at the most.
   */
  async end(socket: OpenSocket, reason: EndReason): Promise<void> {
    const { sockets, openSockets, subscribers, connections } = this.#options;
    const marked = await openSockets.markEnded(socket.socket, reason);
    if (marked === reason) this.#note(socket, reason);
    const why = marked ?? reason;
    await subscribers.remove(socket);
    await this.#attempt(() =>
      sockets.send(socket.socket, encodeNotice('end', { reason: why, ...endReasons[why] })),
    );
    const isClosed = await this.#attempt(() => sockets.end(socket.socket));
    await connections.remove(connectionOf(socket));
    if (isClosed) await openSockets.remove(socket.socket);
  }

  /**
   * Forgets a socket that has ended by itself.
   * @throws what the tables throw.
   */
  async forget(socket: OpenSocket): Promise<void> {
    this.#note(socket, 'disconnected');
    await this.withdraw(socket);
  }

  /**
   * Forgets a socket that was noted, and not let in.
   * @throws what the tables throw.
   */
  async withdraw(socket: OpenSocket): Promise<void> {
    const { openSockets, subscribers, connections } = this.#options;
    await openSockets.remove(socket.socket);
    await subscribers.remove(socket);
    await connections.remove(connectionOf(socket));
  }

  /** Tells the observer, unless it was ended before: then it has heard of it. Of two at the same time it may hear twice. */
  #note({ id, connectedAt, ended }: OpenSocket, reason: EndReason): void {
    const { observer, clock } = this.#options;
    if (ended === undefined) observer.ended(id, 'socket', { reason, afterMs: clock.now() - connectedAt });
  }

  /** Whether API Gateway did it, or there was nothing to do. */
  async #attempt(call: () => Promise<boolean>): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      this.#options.observer.trouble('a WebSocket cannot be ended', error);
      return false;
    }
  }
}
