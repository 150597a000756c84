import type { Deployment } from './deployment.ts';
import type { EventStream } from './event-stream.ts';
import { SmokeFailure } from './failure.ts';
import { isObject, objectOf } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';
import type { Connected } from './stream-checks.ts';

/** Asks for the end of a stream as a closing page does, and sees that it ends. Measures the time from asking to the end. */
export async function disconnect(
  deployment: Deployment,
  signal: AbortSignal,
  { connectionId, stream }: Connected,
): Promise<StepOutcome<true>> {
  const began = performance.now();
  objectOf(await deployment.disconnect(connectionId, signal), 200);
  return expectEnd(stream, signal, 'POST /sse/disconnect', began);
}

/** Waits until a stream has ended as its user has asked with `request`, which began at `began`. */
export async function expectEnd(
  stream: EventStream,
  signal: AbortSignal,
  request: string,
  began: number,
): Promise<StepOutcome<true>> {
  const end = await stream.until((frames) => frames.find(({ event }) => event === 'end'), signal);
  if (end === undefined) {
    throw new SmokeFailure(
      `${request} answered 200, but the stream did not end`,
      'a stream that nobody needs runs, and is paid for, until its session ends',
      'look at the log of the stream function: can it read the connections table?',
    );
  }
  const reason = isObject(end.data) ? end.data['reason'] : undefined;
  if (reason !== 'disconnected') {
    throw new SmokeFailure(
      `the stream ended with ${JSON.stringify(end.data)}; wanted the reason disconnected`,
      'something else ended it at that moment',
      'run the test again; look at the log of the stream function',
    );
  }
  return { value: true, found: 'the stream ended: disconnected', ms: end.receivedAt - began };
}
