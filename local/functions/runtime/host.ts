/**
 * Runs one function: loads the bundle's handler and serves invocations that come over file descriptor 3.
 *
 * A deliberate difference from Lambda: one process takes all invocations of a function at once, because a thousand
 * open streams cannot be a thousand processes on a laptop. So a timeout cannot end the code of one invocation, and
 * module state is shared by all of them, as it is within one Lambda environment over time.
 */
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { frameHeader, FrameReader, frameType, responseWindow } from './channel.ts';
import type { FunctionError, InvocationRequest } from './channel.ts';
import { clockSkewVariable, skewClock } from './clock-skew.ts';
import { collectGarbage } from './collect-garbage.ts';
import { runAsRequest, useJsonConsole } from './json-console.ts';
import { HttpResponseStream, ResponseStream } from './response-stream.ts';

type Handler = (event: unknown, ...rest: unknown[]) => unknown;

/** AWS's own mark on a streaming handler. */
const streamingMark = Symbol.for('aws.lambda.runtime.handler.streaming');

/** Bytes that may wait for the pipe to the stack before every writer has to wait. */
const channelLimit = 4 * 1024 * 1024;

/** Bytes of each response that do not wait for it: on AWS no other response is in the way of a status and its headers. */
const headRoom = 4096;

/** Bytes that are sent on before the turn of the event loop is over: the stack works on them meanwhile. */
const pieceLength = 64 * 1024;

/** Lambda's deadline is by the same clock as its environment, which here may be put off. */
const trueNow = Date.now.bind(Date);

const channel = new Socket({ fd: 3 });
/** Invocation → bytes of its response that its receiver has not taken. */
const untaken = new Map<number, number>();
const waiting = new Map<number, () => void>();
let channelWaiters: Array<() => void> = [];
let outgoing: Buffer[] = [];
let outgoingLength = 0;

// Ctrl-C reaches the whole process group; the stack decides when its functions end: it closes the channel.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});
channel.on('close', () => process.exit(0));
channel.on('error', () => process.exit(0));
channel.on('drain', releaseWriters);

function releaseWriters(): void {
  const waiters = channelWaiters;
  channelWaiters = [];
  for (const taken of waiters) taken();
}

/** Sends a frame together with others of this turn of the event loop: a thousand streams cost a few writes. */
function send(type: number, invocation: number, payload: Buffer | string = ''): void {
  if (outgoing.length === 0) setImmediate(flush);
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const header = frameHeader(type, invocation, bytes.length);
  outgoing.push(header, bytes);
  outgoingLength += header.length + bytes.length;
  if (outgoingLength >= pieceLength) flush();
}

function flush(): void {
  if (outgoing.length === 0) return;
  const frames = Buffer.concat(outgoing, outgoingLength);
  outgoing = [];
  outgoingLength = 0;
  if (channel.write(frames)) releaseWriters();
}

function describeError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return {
    errorType: error.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n'),
  };
}

function contextOf(request: InvocationRequest): object {
  const { env } = process;
  const functionName = env.AWS_LAMBDA_FUNCTION_NAME ?? '';
  return {
    awsRequestId: request.requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: env.TASKWIRE_FUNCTION_ARN,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, request.deadline - trueNow()),
  };
}

async function invoke(handler: Handler, invocation: number, request: InvocationRequest): Promise<void> {
  const context = contextOf(request);
  try {
    if (streamingMark in handler) {
      await handler(request.event, openStream(invocation), context);
    } else {
      const result = await handler(request.event, context);
      send(frameType.result, invocation, JSON.stringify(result) ?? 'null');
    }
  } catch (error) {
    const described = describeError(error);
    console.error(error);
    send(frameType.failed, invocation, JSON.stringify(described));
  }
}

function openStream(invocation: number): ResponseStream {
  return new ResponseStream({
    contentType: (type) => send(frameType.contentType, invocation, type),
    chunk: (bytes, taken) => {
      send(frameType.chunk, invocation, bytes);
      const open = (untaken.get(invocation) ?? 0) + bytes.length;
      untaken.set(invocation, open);
      if (open > responseWindow) waiting.set(invocation, taken);
      else if (open > headRoom && outgoingLength + channel.writableLength > channelLimit)
        channelWaiters.push(taken);
      else taken();
    },
    end: () => {
      untaken.delete(invocation);
      send(frameType.end, invocation);
    },
    brokenOff: (reason) => {
      untaken.delete(invocation);
      waiting.delete(invocation);
      send(frameType.failed, invocation, JSON.stringify(describeError(reason)));
    },
  });
}

/** The receiver has taken bytes; the response may be over by now. */
function take(invocation: number, bytes: number): void {
  const before = untaken.get(invocation);
  if (before === undefined) return;
  const open = before - bytes;
  untaken.set(invocation, open);
  if (open > responseWindow) return;
  const taken = waiting.get(invocation);
  waiting.delete(invocation);
  taken?.();
}

/** Loads `file.export` of the bundle, as the template's Handler names it. */
async function loadHandler(directory: string, name: string): Promise<Handler> {
  const [file = '', exportName = ''] = name.split('.');
  const candidates = ['.mjs', '.js', '.cjs'].map((extension) => path.join(directory, file + extension));
  const bundle = candidates.find((candidate) => existsSync(candidate));
  if (bundle === undefined) throw new Error(`no ${file}.mjs in ${directory}`);
  const module = (await import(pathToFileURL(bundle).href)) as Record<string, unknown>;
  const handler = module[exportName];
  if (typeof handler !== 'function') throw new Error(`${bundle} exports no function ${exportName}`);
  return handler as Handler;
}

async function serve(directory: string, name: string): Promise<void> {
  Object.assign(globalThis, {
    awslambda: {
      ...(globalThis as { awslambda?: object }).awslambda,
      streamifyResponse: (handler: Handler) => Object.assign(handler, { [streamingMark]: 'response' }),
      HttpResponseStream,
    },
  });
  const handler = await loadHandler(directory, name);
  const reader = new FrameReader((type, invocation, payload) => {
    if (type === frameType.invoke) {
      const request = JSON.parse(payload.toString('utf8')) as InvocationRequest;
      void runAsRequest(request.requestId, () => invoke(handler, invocation, request));
    } else if (type === frameType.taken) {
      take(invocation, payload.readUInt32BE(0));
    } else if (type === frameType.memory) {
      collectGarbage();
      const { rss, heapUsed, external } = process.memoryUsage();
      send(frameType.memoryReport, invocation, JSON.stringify({ rss, heapUsed, external }));
    }
  });
  channel.on('data', (bytes: Buffer) => reader.push(bytes));
  send(frameType.ready, 0);
}

// What Lambda says to an environment that takes several invocations at once.
process.env['AWS_LAMBDA_MAX_CONCURRENCY'] = '1000';
if (process.env[clockSkewVariable] !== undefined) skewClock(Number(process.env[clockSkewVariable]));
if (process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON') useJsonConsole();
const [directory = '', name = ''] = process.argv.slice(2);
serve(directory, name).catch((error: unknown) => {
  send(frameType.initializationFailed, 0, JSON.stringify(describeError(error)));
  setImmediate(() => channel.end());
});
