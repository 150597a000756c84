import { paths } from '../../protocol/routes.ts';
import type { AwarenessType, ViewState } from '../../protocol/awareness.ts';
import type { Deployment } from './deployment.ts';
import type { EventStream, ReceivedFrame } from './event-stream.ts';
import { SmokeFailure } from './failure.ts';
import { expectUncached, isObject, objectOf, unexpectedAnswer } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';
import { connect } from './stream-checks.ts';

/** A stream that tells of other users, and whose it is. */
export interface Watching {
  readonly stream: EventStream;
  readonly userId: string;
}

/** What is said of a page of the test. */
export interface TestedPage {
  readonly viewId: string;
  readonly state: ViewState;
  readonly taskId?: number;
}

/** Long enough for the steps that need the page, and short enough to be gone soon should the test be cut off. */
export const testedPageSeconds = 60;

/** What a frame tells of a user, if it does. */
export function ofUser(
  { data }: Pick<ReceivedFrame, 'data'>,
  userId: string,
  types: readonly AwarenessType[],
): Readonly<Record<string, unknown>> | undefined {
  const isIt = isObject(data) && data['userId'] === userId && types.some((type) => type === data['type']);
  return isIt ? data : undefined;
}

/** Whether a viewer, or what a frame tells of one, is at a task. */
export function isAt(viewer: unknown, taskId: number): boolean {
  return isObject(viewer) && Array.isArray(viewer['tasks']) && viewer['tasks'].includes(taskId);
}

/** Whether with this all are told who are there. */
export function endsSnapshot(data: unknown): boolean {
  return isObject(data) && data['type'] === 'presence.snapshot' && data['last'] === true;
}

/** Opens a stream that asks for presence, and waits until it has told who is there. Measures the time to that. */
export async function watchPresence(
  deployment: Deployment,
  signal: AbortSignal,
): Promise<StepOutcome<Watching>> {
  const began = performance.now();
  const { value: connected } = await connect(deployment, signal, { query: { presence: 'true' } });
  const { stream } = connected;
  const last = await stream.until((frames) => frames.find(({ data }) => endsSnapshot(data)), signal);
  const [first] = stream.frames;
  const userId = isObject(first?.data) ? first.data['userId'] : undefined;
  if (last === undefined || typeof userId !== 'string') {
    stream.close();
    throw new SmokeFailure(
      'a stream that asked for presence was not told who is there',
      'the query did not reach the function as it was sent, or the stream function cannot read who is there',
      'where CloudFront stands in front, let its origin request policy forward the whole query; look at the log of the stream function',
    );
  }
  if (last.id !== undefined) {
    stream.close();
    throw new SmokeFailure(
      'presence.snapshot has an id',
      'the cursor of a client moves with frames that are not in the log, so that it cannot resume',
      'run the smoke test of the version that is deployed; look for a proxy that rewrites the stream',
    );
  }
  return { value: { stream, userId }, found: 'presence.snapshot', ms: last.receivedAt - began };
}

/** Says how a page is seen. */
export async function sayPage(
  deployment: Deployment,
  signal: AbortSignal,
  page: TestedPage,
  token?: string,
): Promise<void> {
  const body = { ...page, lease: testedPageSeconds };
  const answer = await deployment.request('POST', paths.presence, {
    signal,
    body,
    ...(token !== undefined && { token }),
  });
  const { viewId, expiresAt } = objectOf(answer, 200);
  expectUncached(answer);
  if (viewId !== page.viewId) throw unexpectedAnswer(answer, `the viewId ${page.viewId}`);
  // Half of it is left for clocks that differ.
  const counts = Date.parse(String(expiresAt)) > Date.now() - (testedPageSeconds * 1000) / 2;
  if (page.state !== 'left' && !counts) {
    throw new SmokeFailure(
      `POST /presence says that the page counts until ${String(expiresAt)}, which has passed`,
      'users are told to have left while they are there',
      'look at the log of the tasks function; compare the clock of this machine with the true time',
    );
  }
}

/**
 * Says that a page is open at a task, and waits until the stream tells so. Measures the time from saying to that. The user of
 * the token may view the board elsewhere too.
 */
export async function openPage(
  deployment: Deployment,
  signal: AbortSignal,
  { stream, userId }: Watching,
  page: TestedPage & { readonly taskId: number },
): Promise<StepOutcome<true>> {
  const began = performance.now();
  await sayPage(deployment, signal, page);
  const told = await stream.until(
    (frames) =>
      frames.find((frame) =>
        isAt(ofUser(frame, userId, ['presence.joined', 'presence.updated']), page.taskId),
      ),
    signal,
  );
  if (told === undefined) throw untold('that a user has opened a task');
  return { value: true, found: 'told at which task', ms: told.receivedAt - began };
}

/** Reads who is there: the user of the token is, at a task. */
export async function listViewers(
  deployment: Deployment,
  signal: AbortSignal,
  { userId }: Watching,
  taskId: number,
): Promise<StepOutcome<true>> {
  const viewers = await readViewers(deployment, signal);
  const own = viewers.find((viewer) => isObject(viewer) && viewer['userId'] === userId);
  if (isAt(own, taskId)) return { value: true, found: `${viewers.length} there` };
  throw new SmokeFailure(
    `GET /presence lists ${own === undefined ? 'no viewer who is there' : `the viewer at other tasks than ${taskId}`}`,
    'whoever asks who is there is told something else than what was said',
    'check that every path of the API leads to the same stage; look at the log of the tasks function',
  );
}

/** The viewers that `GET /presence` lists to the user of the token. */
export async function readViewers(deployment: Deployment, signal: AbortSignal): Promise<readonly unknown[]> {
  const answer = await deployment.request('GET', paths.presence, { signal });
  const { viewers } = objectOf(answer, 200);
  expectUncached(answer);
  if (!Array.isArray(viewers)) throw unexpectedAnswer(answer, 'a list under "viewers"');
  return viewers;
}

/** Says that a page has closed, as one that closes does, and waits until the stream tells so. */
export async function closePage(
  deployment: Deployment,
  signal: AbortSignal,
  { stream, userId }: Watching,
  page: TestedPage & { readonly taskId: number },
): Promise<StepOutcome<true>> {
  const began = performance.now();
  const before = stream.frames.length;
  objectOf(await deployment.leavePage(page.viewId, signal), 200);
  const told = await stream.until(
    (frames) =>
      frames.slice(before).find((frame) => {
        const left = ofUser(frame, userId, ['presence.left', 'presence.updated']);
        return left !== undefined && !isAt(left, page.taskId);
      }),
    signal,
  );
  if (told === undefined) throw untold('that a page has closed');
  return {
    value: true,
    found: String(isObject(told.data) && told.data['type']),
    ms: told.receivedAt - began,
  };
}

/** The failure of a stream that is open and does not tell something of a user. */
export function untold(what: string): SmokeFailure {
  return new SmokeFailure(
    `the stream is open, but did not tell ${what}`,
    'users do not see each other',
    'look at the logs of the tasks and the stream function: they read and write the connections table of this stage; and for a proxy that buffers',
  );
}
