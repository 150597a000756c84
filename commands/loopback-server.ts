import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers on the loopback interface. */
export interface LoopbackServer {
  readonly url: string;
  /** Breaks off what is open, and resolves when the port is free. */
  readonly close: () => Promise<void>;
}

/** Has a server listen on the loopback interface, on a port that is free. Rejects where it cannot. */
export async function listenOnLoopback(server: Server): Promise<LoopbackServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
