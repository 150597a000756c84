import type { Writable } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import { systemClock } from '../shared/runtime/clock.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { Signals } from '../shared/signals/signals.ts';
import { createStreamServer } from './create-server.ts';
import { streamEnvironment, lambdaEnvironment } from './environment.ts';
import { lambdaHost, requestOf } from './lambda-host.ts';
import { streamifyResponse } from './streamed-answer.ts';

const environment = readEnvironment(streamEnvironment);
const { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMegabytes } = readEnvironment(lambdaEnvironment);
const signals = new Signals(environment.LOG_SAMPLE_PERCENT);
const server = createStreamServer(environment, signals, memoryMegabytes * 1024 * 1024);

/** `GET /sse/connect`, behind a Function URL in response-streaming mode. */
export const handler = streamifyResponse(
  (event: LambdaFunctionURLEvent, stream: Writable, context: Context) =>
    signals.during(context, () =>
      server.serve(requestOf(event, context, systemClock.now()), lambdaHost(stream)),
    ),
);
