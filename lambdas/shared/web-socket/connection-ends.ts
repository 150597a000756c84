import type { ConnectionKey } from '../../../core/connections/connection.ts';
import type { EndReason } from '../../../protocol/end-reasons.ts';
import type { ConnectionStore } from '../dynamodb/connection-store.ts';
import type { SocketEnds } from './socket-ends.ts';

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
    if (found?.socket === undefined) return found !== undefined;
    const { socket, id, workspace, user, connectedAt, deadline } = found;
    // Whether it is an admin's nobody asks who ends it.
    const principal = { workspace, user, admin: false };
    await this.#sockets.end({ socket, id, principal, connectedAt, expiresAt: deadline }, reason);
    return true;
  }
}
