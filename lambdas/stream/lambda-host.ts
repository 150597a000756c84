import type { Writable } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import { pathOf } from '../shared/http/path.ts';
import { StreamedAnswer } from './streamed-answer.ts';
import type { Host, HostRequest } from './host.ts';

/** The request of a Function URL. */
export function requestOf(event: LambdaFunctionURLEvent, context: Context, now: number): HostRequest {
  return {
    method: event.requestContext.http.method,
    path: pathOf(event),
    headers: event.headers,
    query: event.queryStringParameters ?? {},
    deadline: now + context.getRemainingTimeInMillis(),
  };
}

/** Lambda, which streams the answer of a Function URL. */
export function lambdaHost(stream: Writable): Host {
  return { answer: (head, opening) => StreamedAnswer.open(stream, head, opening) };
}
