import { lastEventIdHeader } from '../../protocol/headers.ts';
import type { Deployment } from './deployment.ts';
import type { ReceivedFrame } from './event-stream.ts';
import { SmokeFailure } from './failure.ts';
import { isObject } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';
import { awaitEvents, connect, expectExactly, framesOf } from './stream-checks.ts';
import type { Connected } from './stream-checks.ts';

/** What an incomplete resume right after the connect means. */
const incompleteReasons: Readonly<Record<string, readonly [meaning: string, remedy: string]>> = {
  unknown_cursor: [
    'the cursor that the stream gave a moment ago is not known',
    'check that both connections reach the same stage, and that its events table was not replaced just now',
  ],
  history_expired: [
    'the history is shorter than this test',
    'check the history depth of the stage, and the clocks of what writes the log',
  ],
  rights_changed: [
    'the same token was taken for another user or for other rights',
    'check that both connections reach the same stage; look at the log of the stream function',
  ],
};

/**
 * Connects with the cursor from before all changes, in the header as EventSource sends it, and compares the replay
 * with what was told live: the same frames, once, in the same order.
 */
export async function resume(
  deployment: Deployment,
  signal: AbortSignal,
  cursor: string,
  taskId: number,
  live: readonly ReceivedFrame[],
): Promise<StepOutcome<Connected>> {
  const began = performance.now();
  const { value: connected } = await connect(deployment, signal, {
    headers: { [lastEventIdHeader]: cursor },
  });
  try {
    await expectCompleteResume(connected, signal);
    const wanted = live.map(({ data }) => (isObject(data) ? String(data['type']) : ''));
    const { stream } = connected;
    const last = await stream.until((frames) => framesOf(frames, taskId)[wanted.length - 1], signal);
    const replayed = framesOf(stream.frames, taskId);
    if (last === undefined) {
      throw new SmokeFailure(
        `the resume says that it is complete, but ${replayed.length} of ${wanted.length} events were replayed`,
        'a client that was cut off loses changes without knowing it',
        'look at the log of the stream function, and whether the events table still holds the segments',
      );
    }
    expectExactly(replayed, wanted);
    const other = replayed.findIndex(({ id }, index) => id !== live[index]?.id);
    if (other !== -1) {
      throw new SmokeFailure(
        `the replayed ${wanted[other]} has another id than the live one`,
        'live and replay do not read the same log, so a cursor of one misleads the other',
        'check that both connections reach the same stage',
      );
    }
    const found = `${wanted.length} events replayed, with the ids they had live`;
    return { value: connected, found, ms: last.receivedAt - began };
  } catch (error) {
    connected.stream.close();
    throw error;
  }
}

async function expectCompleteResume({ stream }: Connected, signal: AbortSignal): Promise<void> {
  const frame = await stream.until((frames) => frames[1], signal);
  if (frame?.event !== 'resume') {
    throw new SmokeFailure(
      `the second frame is ${frame === undefined ? 'missing' : (frame.event ?? JSON.stringify(frame.data))}; wanted resume`,
      'the header Last-Event-ID did not reach the function, so each reconnect loses what happened meanwhile',
      'where CloudFront stands in front, let its origin request policy forward Last-Event-ID; look for a proxy that drops it',
    );
  }
  const { data } = frame;
  if (isObject(data) && data['complete'] === true) return;
  const reason = isObject(data) ? String(data['reason']) : '';
  const [meaning, remedy] = incompleteReasons[reason] ?? [
    'a change in between could not be told as an event',
    'look at the log of the fan-out; something writes foreign items into the tasks table',
  ];
  throw new SmokeFailure(`the resume is not complete: ${JSON.stringify(data)}`, meaning, remedy);
}

/**
 * Waits until streams have told of a later task, and then looks again at what they told of the first one: whatever
 * came late or twice has come by then. Measures the time from `began` to the slowest stream.
 */
export async function goOnLive(
  streams: readonly Connected[],
  signal: AbortSignal,
  task: { readonly id: number; readonly wanted: readonly string[] },
  later: { readonly id: number; readonly began: number },
): Promise<StepOutcome<true>> {
  const outcomes = await Promise.all(
    streams.map((connected) => awaitEvents(connected, signal, later.id, later.began, ['task.created'])),
  );
  for (const { stream } of streams) expectExactly(framesOf(stream.frames, task.id), task.wanted);
  return {
    value: true,
    found: 'each event came once on each stream',
    ms: Math.max(...outcomes.map(({ ms }) => ms ?? 0)),
  };
}
