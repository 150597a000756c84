import { paths } from '../../protocol/routes.ts';
import type { Deployment } from './deployment.ts';
import { SmokeFailure } from './failure.ts';
import { expectUncached, isObject, objectOf, unexpectedAnswer } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';
import { established } from './stream-checks.ts';

/** The shortest that there is: the stream ends by itself, for nobody else can end it. */
const leaseSeconds = 10;

/** Trades the token for a ticket. */
export async function getTicket(deployment: Deployment, signal: AbortSignal): Promise<StepOutcome<string>> {
  const answer = await deployment.request('POST', paths.ticket, { signal });
  const { ticket, expiresAt } = objectOf(answer, 200);
  expectUncached(answer);
  if (typeof ticket !== 'string' || ticket === '') {
    throw new SmokeFailure(
      'POST /sse/ticket answered 200 without a ticket',
      'the deployment does not keep to docs/PROTOCOL.md, or something else answers this path',
      'look at the log of the connections function; check --base-url',
    );
  }
  if (!(Date.parse(String(expiresAt)) > Date.now())) {
    throw new SmokeFailure(
      `POST /sse/ticket gave a ticket until ${String(expiresAt)}, which has passed`,
      'no stream can be opened with a ticket',
      'compare the clock of this machine with the true time; look at the log of the connections function',
    );
  }
  return { value: ticket, found: `until ${String(expiresAt)}` };
}

/** Sees that a ticket is taken for no token: neither by the API nor for another ticket. */
export async function refuseTicketAsToken(
  deployment: Deployment,
  signal: AbortSignal,
  ticket: string,
): Promise<StepOutcome<true>> {
  for (const [method, path] of [
    ['GET', paths.tasks],
    ['POST', paths.ticket],
  ] as const) {
    const answer = await deployment.request(method, path, { signal, token: ticket });
    if (answer.status >= 200 && answer.status < 300) {
      throw new SmokeFailure(
        `${method} ${path} with a ticket as its token answered ${answer.status}; wanted 401`,
        'a ticket opens more than streams: whoever finds one in a log can do what its user can',
        'take the deployment off the net until this is clear; look at what stands before the function',
      );
    }
    if (answer.status !== 401) throw unexpectedAnswer(answer, '401 for a ticket as the token');
  }
  return { value: true, found: '401 as a token' };
}

/** Opens a stream with the ticket in the query, and no token. Measures the time to its first frame. */
export async function connectByTicket(
  deployment: Deployment,
  signal: AbortSignal,
  ticket: string,
): Promise<StepOutcome<true>> {
  const began = performance.now();
  const stream = await deployment.connect({ ticket, leaseSeconds }, signal);
  if (stream.status === 401) {
    const answer = await stream.answer(signal);
    const code = isObject(answer.body) ? answer.body['code'] : undefined;
    throw new SmokeFailure(
      `GET /sse/connect with a ticket that was just given answered 401 ${String(code)}`,
      code === 'token_missing'
        ? 'the ticket did not reach the function: the query is not handed on as it was sent'
        : 'the stream function does not know what the connections function has given',
      code === 'token_missing'
        ? 'where CloudFront stands in front, let its origin request policy forward the whole query; look for a proxy that drops a part of it'
        : 'check that API and stream are of one stage, and the clocks; look at the connections table',
    );
  }
  try {
    return { ...(await established(stream, signal, began)), value: true };
  } finally {
    stream.close();
  }
}
