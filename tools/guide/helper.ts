import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What the script of the guide can ask for: gives what it prints. */
export type Help = Readonly<Record<string, (...given: readonly string[]) => Promise<string>>>;

/** A helper that runs. */
export interface Helper {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Answers the script of the guide on the loopback interface: `helper NAME ARGUMENTS`, a line of the body each.
 * @param onTrouble told why something cannot be answered: the script only sees that it was not.
 */
export async function startHelper(help: Help, onTrouble: (reason: string) => void): Promise<Helper> {
  const server = createServer((request, response) => {
    void (async () => {
      const name = request.url!.slice(1);
      const given = (await text(request)).split('\n');
      const act = help[name];
      if (act === undefined) throw new Error(`there is no help ${name}`);
      response.end(await act(...given));
    })().catch((error: unknown) => {
      response.writeHead(500).end();
      onTrouble(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
