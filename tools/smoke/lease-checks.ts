import { pathTo, paths } from '../../protocol/routes.ts';
import { randomUUID } from 'node:crypto';
import type { Deployment } from './deployment.ts';
import { expectEnd } from './disconnect-check.ts';
import { SmokeFailure } from './failure.ts';
import { isObject, objectOf, unexpectedAnswer } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';
import type { Connected } from './stream-checks.ts';

/** Long enough for the steps that need the stream, and short enough to end it should the test be cut off. */
export const testedLeaseSeconds = 60;

/** Renews the lease of a stream. */
export async function renewLease(
  deployment: Deployment,
  signal: AbortSignal,
  { connectionId }: Connected,
): Promise<StepOutcome<true>> {
  const answer = await deployment.request('POST', paths.lease, { signal, body: { connectionId } });
  if (answer.status === 404) {
    throw new SmokeFailure(
      'POST /sse/lease answered 404 for a stream that is open',
      'the deployment does not note that its streams have a lease, so each ends while its client is there',
      'look at the log of the stream function and at the connections table; check that the edge forwards the query',
    );
  }
  const { lease, expiresAt } = objectOf(answer, 200);
  if (lease !== testedLeaseSeconds) throw unexpectedAnswer(answer, `a lease of ${testedLeaseSeconds} s`);
  // Half of it is left for clocks that differ.
  if (!(Date.parse(String(expiresAt)) > Date.now() - (testedLeaseSeconds * 1000) / 2)) {
    throw new SmokeFailure(
      `POST /sse/lease renewed the lease until ${String(expiresAt)}, which has passed`,
      'streams with a lease end while their clients are there',
      'look at the log of the connections function; compare the clock of this machine with the true time',
    );
  }
  return { value: true, found: `${testedLeaseSeconds} s more` };
}

/** Ends a stream of the token's own by its id, and sees that it ends. Measures the time from asking to the end. */
export async function endById(
  deployment: Deployment,
  signal: AbortSignal,
  { connectionId, stream }: Connected,
): Promise<StepOutcome<true>> {
  const began = performance.now();
  objectOf(await deployment.request('DELETE', pathTo(paths.connection, connectionId), { signal }), 200);
  return expectEnd(stream, signal, 'DELETE /sse/connections/{id}', began);
}

/** Sees that a stream that is not there, as one of somebody else looks to a user, cannot be ended. */
export async function refuseToEndNothing(
  deployment: Deployment,
  signal: AbortSignal,
): Promise<StepOutcome<true>> {
  const answer = await deployment.request('DELETE', pathTo(paths.connection, randomUUID()), { signal });
  if (answer.status === 200) {
    throw new SmokeFailure(
      'DELETE /sse/connections/{id} answered 200 for an id that was made up; wanted 404',
      'the deployment says to have ended a stream that nobody has: it does not look whose stream it is',
      'look at the log of the connections function and at what answers this path',
    );
  }
  const code = isObject(answer.body) ? answer.body['code'] : undefined;
  if (answer.status !== 404 || code !== 'connection_not_found')
    throw unexpectedAnswer(answer, '404 connection_not_found');
  return { value: true, found: '404 connection_not_found' };
}
