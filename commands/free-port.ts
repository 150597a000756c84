import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Gives a port of the loopback interface that was free a moment ago, for a server that cannot choose one itself. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
