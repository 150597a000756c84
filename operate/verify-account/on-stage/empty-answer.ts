import { lastEventIdHeader } from '../../../protocol/headers.ts';
import { terminalMark } from '../../../protocol/cursor.ts';
import { paths } from '../../../protocol/routes.ts';
import type { Context } from '../context.ts';
import { askUntil } from '../context.ts';
import type { Experiment, Finding } from '../experiment.ts';
import { Probe } from '../probe.ts';
import { rounded } from '../statistics.ts';

/** An answer that takes longer hangs. */
const promptMs = 5000;
const report = { limitMs: 120_000, pauseMs: 5000 } as const;

/** Asks as an EventSource does that comes back after an end for good; gives the time to the end of the answer. */
async function askForNothing(
  { deployment, signal }: Context,
  cursor: string,
): Promise<{ readonly status: number; readonly ms: number; readonly requestId: string | null }> {
  const began = performance.now();
  const headers = { [lastEventIdHeader]: `${cursor}${terminalMark}` };
  const { status, headers: answered } = await deployment.request('GET', paths.stream, { signal, headers });
  return { status, ms: performance.now() - began, requestId: answered.get('x-amzn-requestid') };
}

/** How long the function ran that gave the answer, by its own report; undefined where it has not ended. */
async function runOf(context: Context, requestId: string): Promise<number | undefined> {
  const from = context.clock.now() - 60_000;
  const pattern = `{ $.type = "platform.report" && $.record.requestId = "${requestId}" }`;
  return askUntil(context, report, async () => {
    const [line] = await context.aws!.logLines('stream', pattern, from);
    const { record } = JSON.parse(line ?? '{}') as { record?: { metrics?: { durationMs?: number } } };
    return record?.metrics?.durationMs;
  });
}

export const emptyAnswer: Experiment = {
  name: 'empty-answer',
  question: 'Does an empty streamed answer (204) end, or hang until the function’s time limit?',
  dependsOn:
    '`closedByHost` in `lambdas/stream/streamed-answer.ts`, and that the edge gives the 204 where it is on (`lib/edge/viewer-request.ts`)',
  method:
    'Comes back as an EventSource does after an end for good, and takes the time to the end of the answer; with the edge off also what the function’s own report says of it.',
  assumed: `204, over within ${promptMs / 1000} s, for the client and for the function`,
  change:
    'let `StreamRefusals.unwanted` (`lambdas/stream/refusals.ts`) answer 200 with a long `retry:` and an end, or keep the edge on',
  cents: 1,
  minutes: 4,
  needs: [],
  run: (context) =>
    Probe.during(context, async (probe): Promise<Finding> => {
      const { cursor } = await probe.open();
      const { status, ms, requestId } = await askForNothing(context, cursor);
      const measured = { status, 'end of the answer, ms': rounded(ms) };
      if (status !== 204 || ms > promptMs) {
        return {
          verdict: 'differs',
          found: `it answered ${status}, and was over after ${rounded(ms)} ms`,
          measured,
        };
      }
      const found = `it answered 204, and was over after ${rounded(ms)} ms`;
      // With the edge on the function has no part in it, and a local stack has no reports.
      if (context.aws === undefined || context.stage.edge === 'on' || requestId === null) {
        return { verdict: 'as assumed', found, measured };
      }
      const ran = await runOf(context, requestId);
      if (ran === undefined || ran > promptMs) {
        const text =
          ran === undefined ? `had not ended ${report.limitMs / 1000} s later` : `ran ${rounded(ran)} ms`;
        return { verdict: 'differs', found: `${found} for the client, but the function ${text}`, measured };
      }
      return {
        verdict: 'as assumed',
        found,
        measured: { ...measured, 'run of the function, ms': rounded(ran) },
      };
    }),
};
