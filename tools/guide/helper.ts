import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { LoopbackServer } from '../../commands/loopback-server.ts';
import { listenOnLoopback } from '../../commands/loopback-server.ts';

/** What the script of the guide can ask for: gives what it prints. */
export type Help = Readonly<Record<string, (...given: readonly string[]) => Promise<string>>>;

/**
 * Answers the script of the guide on the loopback interface: `helper NAME ARGUMENTS`, a line of the body each.
 * @param onTrouble told why something cannot be answered: the script only sees that it was not.
 */
export async function startHelper(help: Help, onTrouble: (reason: string) => void): Promise<LoopbackServer> {
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
  return listenOnLoopback(server);
}
