import type { Issuer } from './issuer.ts';
import { StartFailure } from './start-failure.ts';

/**
 * Sends each function a first request, so that the user's first one does not pay for loading and connecting.
 *
 * @throws StartFailure when one of them is answered otherwise than it should
 */
export async function warmUp(port: number, issuer: Issuer): Promise<void> {
  const token = await issuer.sign({ sub: 'taskwire-start', admin: true });
  // Without a token the stream function answers 401 at once, and no connection is left behind.
  const requests = [
    { path: '/tasks?limit=1', headers: { authorization: `Bearer ${token}` }, expected: 200 },
    { path: '/sse/stats', headers: { authorization: `Bearer ${token}` }, expected: 200 },
    { path: '/sse/connect', headers: {}, expected: 401 },
  ];
  await Promise.all(
    requests.map(async ({ path: requestPath, headers, expected }) => {
      const response = await fetch(`http://127.0.0.1:${port}${requestPath}`, { headers });
      const body = await response.text();
      if (response.status !== expected) {
        throw new StartFailure(
          `GET ${requestPath} answers ${response.status} ${body.slice(0, 200)}; npm start -- --verbose shows the functions' logs`,
        );
      }
    }),
  );
}
