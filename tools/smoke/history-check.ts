import { paths } from '../../protocol/routes.ts';
import type { Deployment } from './deployment.ts';
import { SmokeFailure } from './failure.ts';
import { isObject, objectOf, unexpectedAnswer } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';

/** Reads the history of a task that is deleted: it tells that, and nothing that the task once held. */
export async function readHistory(
  deployment: Deployment,
  signal: AbortSignal,
  taskId: number,
): Promise<StepOutcome<true>> {
  const answer = await deployment.request('GET', `${paths.events}?tasks=${taskId}`, { signal });
  const { events, complete } = objectOf(answer, 200);
  if (!Array.isArray(events) || typeof complete !== 'boolean') {
    throw unexpectedAnswer(answer, 'a list under "events", and whether it is complete');
  }
  const types = events.map((event: unknown) => (isObject(event) ? String(event['type']) : ''));
  if (types.some((type) => type !== 'task.deleted')) {
    throw new SmokeFailure(
      `the history of a task that is deleted tells ${types.join(', ')}`,
      'what may not be seen any more can be read in the history',
      'take the deployment off the net; look whether the tasks function reads the table of this stage',
    );
  }
  if (types.length !== 1) {
    throw new SmokeFailure(
      `the history tells ${types.length} events of a task that was deleted; wanted task.deleted`,
      'whoever comes late misses what has happened',
      'look whether the functions of this stage name the same events table, and at the history depth of the stage',
    );
  }
  return { value: true, found: 'task.deleted, and nothing that the task held' };
}
