import { paths } from '../../protocol/routes.ts';
import type { Issuer } from '../identity/issuer.ts';
import { CommandError } from '../../commands/command-error.ts';

/** How often a request is sent that is answered as passing trouble. */
const mostTries = 5;

/**
 * Sends each function a first request, so that the user's first one does not pay for loading and connecting.
 * @throws {CommandError} when one of them is answered otherwise than it should.
 */
export async function warmUp(port: number, issuer: Issuer): Promise<void> {
  const token = await issuer.sign({ sub: 'taskwire-start', admin: true });
  // Without a token the stream function answers 401 at once, and no connection is left behind.
  const requests = [
    { path: `${paths.tasks}?limit=1`, headers: { authorization: `Bearer ${token}` }, expected: 200 },
    { path: paths.stats, headers: { authorization: `Bearer ${token}` }, expected: 200 },
    { path: paths.stream, headers: {}, expected: 401 },
  ];
  await Promise.all(
    requests.map(async ({ path: requestPath, headers, expected }) => {
      const ask = async (): Promise<{ readonly status: number; readonly body: string }> => {
        const response = await fetch(`http://127.0.0.1:${port}${requestPath}`, { headers });
        return { status: response.status, body: await response.text() };
      };
      let { status, body } = await ask();
      // A busy machine may take longer than a function waits for the issuer's keys.
      for (let tries = 1; status === 503 && tries < mostTries; tries += 1) ({ status, body } = await ask());
      if (status !== expected) {
        throw new CommandError(
          `GET ${requestPath} answers ${status} ${body.slice(0, 200)}; npm start -- --verbose shows the functions' logs`,
        );
      }
    }),
  );
}
