import { alarmTable } from '../../../lib/operations/alarm-table.ts';
import type { Context } from '../context.ts';
import type { Experiment, Finding } from '../experiment.ts';
import { awaitFrame, Probe } from '../probe.ts';
import { atMost, cannotTell, quantile, rounded, together } from '../statistics.ts';

const writes = 24;
const longestMs = 20_000;
/** Long enough for the polls to slow down before every second write. */
const pauseMs = 4000;
/** What the way besides the poll may take, of half of the events: the request, the table's stream, the fan-out. */
const wayMs = 1000;

/**
 * Takes the time of so many events, every second one after a pause.
 * @param count at least two.
 */
export function measureLatency(context: Context, count: number): Promise<Finding> {
  return Probe.during(context, async (probe) => {
    const stream = await probe.open();
    const busy: number[] = [];
    const idle: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const isIdle = index % 2 === 1;
      if (isIdle) await context.clock.sleep(pauseMs, context.signal);
      const task = await probe.write();
      const frame = await awaitFrame(stream, task, context, longestMs);
      if (stream.stream.ended) return cannotTell('the stream ended meanwhile: run it again');
      (isIdle ? idle : busy).push(frame === undefined ? longestMs : frame.receivedAt - task.began);
    }
    return judge(busy, idle, context.stage.pollMaxMs);
  });
}

function judge(busy: readonly number[], idle: readonly number[], pollMaxMs: number): Finding {
  const all = [...busy, ...idle];
  const [half, longest] = [quantile(all, 0.5), quantile(all, 1)];
  return {
    verdict: together([atMost(half, pollMaxMs + wayMs), atMost(longest, alarmTable.SlowDelivery.threshold)]),
    found: `half of the events came within ${rounded(half)} ms, all within ${rounded(longest)} ms`,
    measured: {
      'median, ms': rounded(half),
      'median after a write, ms': rounded(quantile(busy, 0.5)),
      'median after a pause, ms': rounded(quantile(idle, 0.5)),
      'longest, ms': rounded(longest),
    },
  };
}

export const latency: Experiment = {
  name: 'latency',
  question: 'How long does a change take from its request to the frame?',
  dependsOn:
    '`pollMinMs` and `pollMaxMs` in `lib/config/stage-schema.ts`, the threshold of `SlowDelivery` in `lib/operations/alarm-table.ts`, the batching window in `lib/functions/fan-out.ts`',
  method:
    'Opens a stream and makes 24 tasks, every second one after a pause in which the polls slow down; the time is from the start of the POST to the frame, as this machine sees both.',
  assumed: `half of them within \`pollMaxMs\` and ${wayMs / 1000} s, all within ${alarmTable.SlowDelivery.threshold / 1000} s`,
  change:
    'lower `pollMaxMs` where idle streams are the slow ones; where the fan-out is (compare `WriteToLog` with `WriteToFrame` in the dashboard), give it more memory in `lib/functions/function-memory.ts`, and set the threshold by what is usual',
  cents: 1,
  minutes: 4,
  needs: [],
  run: (context) => measureLatency(context, writes),
};
