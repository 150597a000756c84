import { lastEventIdHeader } from '../../protocol/headers.ts';
import type { Deployment } from './deployment.ts';
import { SmokeFailure } from './failure.ts';
import { isObject } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';
import { connect, framesOf } from './stream-checks.ts';

/** What the filter asks for: the last that happens to the task, so what must not come would have come before it. */
const wanted = 'task.deleted';

/**
 * Connects with the cursor from before all changes, and with a filter, and sees that nothing else of the task is told.
 * Measures the time to the event.
 */
export async function filterReplay(
  deployment: Deployment,
  signal: AbortSignal,
  cursor: string,
  taskId: number,
): Promise<StepOutcome<true>> {
  const began = performance.now();
  const { value: connected } = await connect(deployment, signal, {
    headers: { [lastEventIdHeader]: cursor },
    query: { events: wanted, tasks: String(taskId) },
  });
  const { stream } = connected;
  try {
    const first = await stream.until((frames) => framesOf(frames, taskId)[0], signal);
    const type = isObject(first?.data) ? first.data['type'] : undefined;
    if (first === undefined || type !== wanted) {
      throw new SmokeFailure(
        `a client that asked for ${wanted} alone was told ${typeof type === 'string' ? type : 'nothing'}`,
        'the query did not reach the function as it was sent, so filters do nothing',
        'where CloudFront stands in front, let its origin request policy forward the whole query; look for a proxy that drops a part of it',
      );
    }
    return { value: true, found: `${wanted} and nothing before it`, ms: first.receivedAt - began };
  } finally {
    stream.close();
  }
}
