import type { Connection, ConnectionKey } from '../../../core/connections/connection.ts';
import type { EndReason } from '../../../protocol/end-reasons.ts';
import { isTerminalReason } from '../../../protocol/end-reasons.ts';
import type { ConnectionFacts } from '../dynamodb/connection-item.ts';
import type { ConnectionStore } from '../dynamodb/connection-store.ts';
import type { SocketEnds } from './socket-ends.ts';

/** A connection as it was found. Times in epoch milliseconds. */
export type FoundConnection = Pick<Connection, keyof ConnectionKey | 'connectedAt' | 'deadline' | 'ended'> &
  Pick<ConnectionFacts, 'socket'>;

/** Ends open connections, whatever carries them: a stream sees by its item that it must, a WebSocket is closed. */
export class ConnectionEnds {
  readonly #connections: Pick<ConnectionStore, 'askToEnd'>;
  readonly #sockets: Pick<SocketEnds, 'end'>;

  constructor(connections: Pick<ConnectionStore, 'askToEnd'>, sockets: Pick<SocketEnds, 'end'>) {
    this.#connections = connections;
    this.#sockets = sockets;
  }

  /**
   * Asks an open connection to end. A stream counts until its session has ended.
   * @param now epoch milliseconds.
   * @returns false when it is gone or was asked before.
   */
  async askToEnd(connection: ConnectionKey, reason: EndReason, now: number): Promise<boolean> {
    const found = await this.#connections.askToEnd(connection, reason, now);
    if (found !== undefined) await this.#close(found, reason);
    return found !== undefined;
  }

  /**
   * As `askToEnd`, for a connection that was found. A WebSocket that was asked before and is still there is closed: whoever
   * asked was stopped before that, and it would be pushed to all the same. Its client is told why it must not come back,
   * where either of the two reasons says so.
   */
  async endFound(found: FoundConnection, reason: EndReason, now: number): Promise<boolean> {
    const { ended, socket } = found;
    if (ended === undefined) return this.askToEnd(found, reason, now);
    if (socket === undefined) return false;
    await this.#close(found, isTerminalReason(ended) ? ended : reason);
    return true;
  }

  /** Closes a WebSocket; does nothing for a stream. */
  async #close(found: FoundConnection, reason: EndReason): Promise<void> {
    const { socket, id, workspace, user, connectedAt, deadline } = found;
    if (socket === undefined) return;
    // Whether it is an admin's nobody asks who ends it.
    const principal = { workspace, user, admin: false };
    await this.#sockets.end({ socket, id, principal, connectedAt, expiresAt: deadline }, reason);
  }
}
