import { establishedType } from '../../protocol/frames.ts';
import type { Deployment, StreamOptions } from './deployment.ts';
import type { EventStream, ReceivedFrame } from './event-stream.ts';
import { SmokeFailure } from './failure.ts';
import { isObject, unexpectedAnswer } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';

/** An open stream whose first frame has come. */
export interface Connected {
  readonly stream: EventStream;
  readonly connectionId: string;
  /** Cursor of the first frame: everything after the connect follows it. */
  readonly cursor: string;
}

const lookAtTheWay =
  'try it with curl -N; look at the log and the throttles of the stream function, and for a proxy that buffers';

/** Opens a stream and waits for its first frame. Measures the time to that frame. */
export async function connect(
  deployment: Deployment,
  signal: AbortSignal,
  options: StreamOptions,
): Promise<StepOutcome<Connected>> {
  const began = performance.now();
  const stream = await deployment.connect(options, signal);
  try {
    return await established(stream, signal, began);
  } catch (error) {
    stream.close();
    throw error;
  }
}

/** Waits for the first frame of a stream. Measures the time from `began` to that. */
export async function established(
  stream: EventStream,
  signal: AbortSignal,
  began: number,
): Promise<StepOutcome<Connected>> {
  if (!stream.isEventStream) {
    throw unexpectedAnswer(await stream.answer(signal), '200 with Content-Type text/event-stream');
  }
  const caching = stream.headers.get('cache-control') ?? '';
  if (!caching.includes('no-cache')) {
    throw new SmokeFailure(
      `the stream has Cache-Control "${caching}"; wanted no-cache`,
      'a cache on the way may hold the stream back or give it to another user',
      'look for what replaces the header: a response headers policy of CloudFront, or a proxy',
    );
  }
  const first = await stream.until(([frame]) => frame, signal);
  if (first === undefined) {
    throw new SmokeFailure(
      stream.ended ? 'the stream ended before its first frame' : 'the stream is open, but sends no frame',
      stream.ended
        ? 'the function failed after it had sent its status'
        : 'something on the way holds the answer back until it is complete: the Function URL does not stream, or a proxy buffers',
      `check that the Function URL has the invoke mode RESPONSE_STREAM; ${lookAtTheWay}`,
    );
  }
  const { id, event, data } = first;
  const connectionId = isObject(data) ? data['connectionId'] : undefined;
  if (!isObject(data) || data['type'] !== establishedType || typeof connectionId !== 'string') {
    throw new SmokeFailure(
      `the first frame is ${event ?? 'unnamed'} with ${JSON.stringify(data)}; wanted connection.established`,
      'the stream function is in trouble: a table or the issuer does not answer it',
      'look at the log of the stream function; on AWS, at the throttles of the tables',
    );
  }
  if (!id) {
    throw new SmokeFailure(
      'connection.established has no id',
      'a client that is cut off now cannot resume',
      'run the smoke test of the version that is deployed; look for a proxy that rewrites the stream',
    );
  }
  return {
    value: { stream, connectionId, cursor: id },
    found: establishedType,
    ms: first.receivedAt - began,
  };
}

/** Gives the frames that tell of one task, in the order in which they came. */
export function framesOf(frames: readonly ReceivedFrame[], taskId: number): ReceivedFrame[] {
  return frames.filter(({ data }) => isObject(data) && data['taskId'] === taskId);
}

function typesOf(frames: readonly ReceivedFrame[]): string[] {
  return frames.map(({ data }) => String(isObject(data) ? data['type'] : undefined));
}

/** @throws {SmokeFailure} unless the events of a task are exactly these, in this order. */
export function expectExactly(frames: readonly ReceivedFrame[], wanted: readonly string[]): void {
  const types = typesOf(frames);
  if (JSON.stringify(types) === JSON.stringify(wanted)) return;
  const found = `the stream told ${types.join(', ')}; wanted ${wanted.join(', ')}`;
  const isDoubled = types.length > wanted.length;
  if (isDoubled && JSON.stringify([...new Set(types)]) === JSON.stringify([...new Set(wanted)])) {
    const sameFrame = new Set(frames.map(({ id }) => id)).size < frames.length;
    throw new SmokeFailure(
      found,
      `events come more than once${sameFrame ? ', as the same frame' : ', as frames of their own: the log holds the change twice'}`,
      sameFrame
        ? 'look for a proxy on the way that repeats what it sends; each id must come once in a stream'
        : 'look at the log of the fan-out, and whether two mappings read the stream of the tasks table',
    );
  }
  throw new SmokeFailure(
    found,
    'events are lost, mixed up or not of the contract',
    'look at the log of the fan-out for this task, and for a proxy on the way that changes the stream',
  );
}

/**
 * Waits until a stream has told as many events of a task as are wanted, and compares them. Measures the time from
 * `began` to the last of them.
 */
export async function awaitEvents(
  { stream }: Connected,
  signal: AbortSignal,
  taskId: number,
  began: number,
  wanted: readonly string[],
): Promise<StepOutcome<readonly ReceivedFrame[]>> {
  const last = await stream.until((frames) => framesOf(frames, taskId)[wanted.length - 1], signal);
  const frames = framesOf(stream.frames, taskId);
  if (last === undefined) throw missingEvents(stream, typesOf(frames), wanted);
  expectExactly(frames, wanted);
  const nameless = frames.find(({ id, event }) => !id || event !== undefined);
  if (nameless !== undefined) {
    throw new SmokeFailure(
      `a task event has the id ${nameless.id ?? '(none)'} and the name ${nameless.event ?? '(none)'}`,
      'without an id a client cannot resume, and a named event never reaches onmessage',
      'run the smoke test of the version that is deployed; look for a proxy that rewrites the stream',
    );
  }
  return { value: frames, found: wanted.at(-1) ?? '', ms: last.receivedAt - began };
}

function missingEvents(
  stream: EventStream,
  types: readonly string[],
  wanted: readonly string[],
): SmokeFailure {
  const seen = types.length === 0 ? 'none' : types.join(', ');
  if (stream.ended) {
    const end = stream.frames.find(({ event }) => event === 'end')?.data;
    return new SmokeFailure(
      `the stream ended (${end === undefined ? 'without a reason' : JSON.stringify(end)}) before ${wanted.join(', ')}; seen: ${seen}`,
      'the session was shorter than the test, or the function failed',
      'look at the log of the stream function; docs/PROTOCOL.md says what the reasons mean',
    );
  }
  return new SmokeFailure(
    `the stream is open, but these events did not come: ${wanted.slice(types.length).join(', ')}; seen: ${seen}`,
    'the write did not become an event, or the event did not reach the stream',
    'look at the log and the iterator age of the fan-out function, and whether its mapping is enabled; then at the log of the stream function, and for a proxy that buffers',
  );
}

/** @throws {SmokeFailure} unless the status change tells both statuses. */
export function expectStatusChange(frames: readonly ReceivedFrame[], before: string, after: string): void {
  const change = frames.find(({ data }) => isObject(data) && data['type'] === 'task.status_changed')?.data;
  if (isObject(change) && change['previousStatus'] === before && change['newStatus'] === after) return;
  throw new SmokeFailure(
    `task.status_changed says ${JSON.stringify(change)}; wanted ${before} before and ${after} after`,
    'the status change is told wrongly',
    'run the smoke test of the version that is deployed; look at the log of the fan-out for this task',
  );
}
