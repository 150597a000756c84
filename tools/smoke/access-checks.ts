import { paths } from '../../protocol/routes.ts';
import type { Deployment } from './deployment.ts';
import { SmokeFailure } from './failure.ts';
import { isObject, objectOf, unexpectedAnswer } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';

/** Not a token of anybody: three parts, as a JWT has, that say nothing. */
export const badToken = 'e30.e30.c21va2U';

/** Sees that a request without a token, and one with a bad one, is refused with 401. */
export async function refuseBadTokens(
  deployment: Deployment,
  signal: AbortSignal,
  path: string,
): Promise<StepOutcome<true>> {
  const codes: string[] = [];
  for (const token of [null, badToken]) {
    const answer = await deployment.request('GET', path, { signal, token });
    const what = token === null ? 'no token' : 'a bad token';
    if (answer.status >= 200 && answer.status < 300) {
      throw new SmokeFailure(
        `GET ${path} with ${what} answered ${answer.status}; wanted 401`,
        'anybody can read here: tokens are not checked, or something on the way adds a good one',
        'take the deployment off the net until this is clear; look at what stands before the function',
      );
    }
    const { code } = answer.status === 401 && isObject(answer.body) ? answer.body : { code: undefined };
    if (typeof code !== 'string') throw unexpectedAnswer(answer, `401 with a code for ${what}`);
    codes.push(code);
  }
  return { value: true, found: `401 ${codes.join(', ')}` };
}

/** Sees that the statistics are closed to a user who is no admin. */
export async function refuseStats(deployment: Deployment, signal: AbortSignal): Promise<StepOutcome<true>> {
  const answer = await deployment.request('GET', paths.stats, { signal });
  if (answer.status === 200) {
    throw new SmokeFailure(
      'GET /sse/stats answered 200 to --token; wanted 403',
      'every user may see who is connected; or --token is an admin’s',
      'compare the admin claim and value of the stage with the token; give an admin’s token as --admin-token too',
    );
  }
  if (answer.status !== 403) throw unexpectedAnswer(answer, '403 for a user who is no admin');
  return { value: true, found: '403 for a user who is no admin' };
}

/** Reads the statistics as an admin; the connection must be among them where one is given. */
export async function readStats(
  deployment: Deployment,
  signal: AbortSignal,
  token: string,
  connectionId: string | undefined,
): Promise<StepOutcome<true>> {
  const answer = await deployment.request('GET', paths.stats, { signal, token });
  const { totalConnections, connections } = objectOf(answer, 200);
  if (!Array.isArray(connections) || totalConnections !== connections.length) {
    throw unexpectedAnswer(answer, '"connections" and their number as "totalConnections"');
  }
  const isListed = connections.some((item: unknown) => isObject(item) && item['id'] === connectionId);
  if (connectionId !== undefined && !isListed) {
    throw new SmokeFailure(
      `GET /sse/stats lists ${connections.length} connections, but not the one that the test holds`,
      'the admin is of another workspace, or the stream function does not note its connections',
      'take both tokens from one workspace; look at the log of the stream function',
    );
  }
  return { value: true, found: `${connections.length} connections` };
}
