import { setTimeout as wait } from 'node:timers/promises';
import { pathTo, paths } from '../../protocol/routes.ts';
import type { Deployment } from './deployment.ts';
import { SmokeFailure } from './failure.ts';
import { isObject, objectOf, unexpectedAnswer } from './http-answer.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { Watching } from './presence-checks.ts';
import { isAt, ofUser, readViewers, sayPage, untold } from './presence-checks.ts';
import type { StepOutcome } from './steps.ts';

/** How long the test tries to remove what it has made for another user, milliseconds. */
const removalMs = 10_000;

/** Time until it may be said again that somebody types, milliseconds. */
const pauseMs = 1000;

/** Another user of the same workspace. */
export interface OtherUser {
  readonly token: string;
  readonly userId: string;
}

/** Says that the user of a token types at a task, or has stopped. */
async function sayTyping(
  deployment: Deployment,
  signal: AbortSignal,
  taskId: number,
  typing: boolean,
  token?: string,
): Promise<void> {
  const say = (): Promise<HttpAnswer> =>
    deployment.request('POST', pathTo(paths.typing, taskId), {
      signal,
      body: { typing },
      ...(token !== undefined && { token }),
    });
  let answer = await say();
  // It may be said once a second: somebody has just run this test, or types.
  while (answer.status === 429) {
    await wait(pauseMs, undefined, { signal });
    answer = await say();
  }
  const noted = objectOf(answer, 200);
  if (noted['taskId'] !== taskId || noted['typing'] !== typing) {
    throw unexpectedAnswer(answer, `the task ${taskId}, and "typing": ${typing}`);
  }
}

/** Says that the user of the token types, and has stopped. */
export async function noteTyping(
  deployment: Deployment,
  signal: AbortSignal,
  taskId: number,
): Promise<StepOutcome<true>> {
  for (const typing of [true, false]) await sayTyping(deployment, signal, taskId, typing);
  return { value: true, found: 'said, and that it has stopped' };
}

/** Sees that another user's typing is told. Measures the time from saying to that. */
export async function hearTyping(
  deployment: Deployment,
  signal: AbortSignal,
  { stream }: Watching,
  taskId: number,
  { token, userId }: OtherUser,
): Promise<StepOutcome<true>> {
  const began = performance.now();
  let startedMs: number | undefined;
  for (const [typing, type] of [
    [true, 'typing.started'],
    [false, 'typing.stopped'],
  ] as const) {
    await sayTyping(deployment, signal, taskId, typing, token);
    const told = await stream.until(
      (frames) => frames.find((frame) => ofUser(frame, userId, [type])?.['taskId'] === taskId),
      signal,
    );
    if (told === undefined) throw untold(typing ? 'that a user types' : 'that a user has stopped typing');
    startedMs ??= told.receivedAt - began;
  }
  return { value: true, found: 'typing.started, typing.stopped', ms: startedMs ?? 0 };
}

/**
 * Sees that the user of the token is not told at which private task another user is: that one makes it, opens it, and then a
 * task that all may see.
 */
export async function hidePrivateTask(
  deployment: Deployment,
  signal: AbortSignal,
  { stream }: Watching,
  shared: { readonly taskId: number; readonly viewId: string },
  { token, userId }: OtherUser,
): Promise<StepOutcome<true>> {
  const secret = await makePrivateTask(deployment, signal, token);
  const pages = [
    { viewId: `${shared.viewId}-a`, taskId: secret },
    { viewId: `${shared.viewId}-b`, taskId: shared.taskId },
  ];
  try {
    for (const page of pages) await sayPage(deployment, signal, { ...page, state: 'active' }, token);
    const told = await stream.until(
      (frames) =>
        frames.find((frame) =>
          isAt(ofUser(frame, userId, ['presence.joined', 'presence.updated']), shared.taskId),
        ),
      signal,
    );
    const viewers = await readViewers(deployment, signal);
    if ([...stream.frames.map(({ data }) => data), ...viewers].some((each) => isAt(each, secret))) {
      throw new SmokeFailure(
        'a user is told at which task another one is, and may not see that task',
        'private tasks are told of by who views them',
        'take presence off the net, or the deployment, until this is clear; look whether all functions are of one version',
      );
    }
    if (told === undefined) throw untold('that another user has opened a task');
    return { value: true, found: 'a private task was not told' };
  } finally {
    const removal = AbortSignal.timeout(removalMs);
    for (const { viewId } of pages) {
      await sayPage(deployment, removal, { viewId, state: 'left' }, token).catch(() => undefined);
    }
    await deployment.request('DELETE', pathTo(paths.task, secret), { signal: removal, token });
  }
}

async function makePrivateTask(deployment: Deployment, signal: AbortSignal, token: string): Promise<number> {
  const answer = await deployment.request('POST', paths.tasks, {
    signal,
    token,
    body: { name: 'smoke test of presence', visibility: 'private' },
  });
  const { task } = objectOf(answer, 201);
  const id = isObject(task) ? task['id'] : undefined;
  if (typeof id !== 'number') throw unexpectedAnswer(answer, 'a task that has an id');
  return id;
}
