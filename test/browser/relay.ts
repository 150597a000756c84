import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/**
 * A TCP relay before a stack, which can go dead without closing anything: as a sleeping laptop's Wi-Fi, or a proxy that
 * forgot.
 */
export class Relay {
  readonly port: number;
  readonly #close: () => Promise<void>;
  readonly #sockets: Set<Socket>;
  readonly #mute: { is: boolean };

  private constructor(port: number, sockets: Set<Socket>, mute: { is: boolean }, close: () => Promise<void>) {
    this.port = port;
    this.#sockets = sockets;
    this.#mute = mute;
    this.#close = close;
  }

  /** @param target port on this machine. */
  static async start(target: number): Promise<Relay> {
    const sockets = new Set<Socket>();
    const mute = { is: false };
    const server = createServer((client) => {
      const upstream = connect(target, 'localhost');
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          sockets.delete(socket);
          // A dead relay tells neither side that the other is gone.
          if (!mute.is) other.destroy();
        });
        socket.pipe(other);
        if (mute.is) socket.unpipe(other).pause();
      }
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', resolve);
    await promise;
    return new Relay((server.address() as AddressInfo).port, sockets, mute, async () => {
      mute.is = false;
      for (const socket of sockets) socket.destroy();
      const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<void>();
      server.close(() => resolveClosed());
      await closed;
    });
  }

  /** From now on nothing is forwarded and nothing closed, of old connections nor of new ones. */
  goSilent(): void {
    this.#mute.is = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** New connections are forwarded again; those that were silent stay so. */
  forwardNew(): void {
    this.#mute.is = false;
  }

  /** As new: what was silent is gone. */
  reset(): void {
    this.#mute.is = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): Promise<void> {
    return this.#close();
  }
}
