import type { OpenSocket } from './open-socket.ts';

/** The open connections of the API's stage, by their ids: what comes in by one door is reached by the other. */
export class SocketRegistry {
  readonly #sockets = new Map<string, OpenSocket>();

  add(socket: OpenSocket): void {
    this.#sockets.set(socket.facts.connectionId, socket);
  }

  remove(connectionId: string): void {
    this.#sockets.delete(connectionId);
  }

  /** One that is open; undefined for one that never was, is not yet, or is not any more. */
  find(connectionId: string): OpenSocket | undefined {
    const socket = this.#sockets.get(connectionId);
    return socket?.isOpen === true ? socket : undefined;
  }

  /** Ids of all that are open. */
  ids(): string[] {
    return [...this.#sockets.values()].filter(({ isOpen }) => isOpen).map(({ facts }) => facts.connectionId);
  }
}
