import { functionMemory } from '../../../lib/functions/function-memory.ts';
import type { WatchedFunction } from '../aws/aws.ts';
import { watchedFunctions } from '../aws/aws.ts';
import { awsOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { Probe } from '../probe.ts';
import { atMost, cannotTell, quantile, rounded } from '../statistics.ts';

const hours = 6;
/** Each takes an environment of its own; more than some stages keep warm. */
const streams = 5;
/** Their reports come when they end, and reach the log some seconds later. */
const reportMs = 30_000;
const mostMs = 1000;
const pattern = '{ $.type = "platform.report" && $.record.metrics.initDurationMs > 0 }';

/** The time that an environment took to start, by its report; milliseconds. */
function startOf(line: string): number[] {
  const { record } = JSON.parse(line) as { record?: { metrics?: { initDurationMs?: number } } };
  const ms = record?.metrics?.initDurationMs;
  return ms === undefined ? [] : [ms];
}

/** Never run on AWS. */
export const coldStarts: Experiment = {
  name: 'cold-starts',
  question: 'How long do cold starts take, function by function?',
  dependsOn:
    'the memory of each function in `lib/functions/function-memory.ts`, `SlowDelivery` in `lib/operations/alarm-table.ts`, `openingMs` in `lambdas/stream/opening-time.ts`',
  method: `Opens ${streams} streams at once, each of which takes an environment, and reads the reports of all functions of the last ${hours} hours.`,
  assumed: `at most ${mostMs / 1000} s each`,
  change: 'more memory for the function, which has a larger share of a processor then; or a smaller bundle',
  cents: 1,
  minutes: 3,
  needs: ['aws'],
  run: async (context) => {
    const aws = awsOf(context);
    await Probe.during(context, (probe) => Promise.all(Array.from({ length: streams }, () => probe.open())));
    await context.clock.sleep(reportMs, context.signal);
    const longest = new Map<WatchedFunction, number>();
    const from = context.clock.now() - hours * 3_600_000;
    for (const name of watchedFunctions) {
      const starts = (await aws.logLines(name, pattern, from)).flatMap(startOf);
      if (starts.length > 0) longest.set(name, quantile(starts, 1));
    }
    if (longest.size === 0) return cannotTell('no function has reported a cold start');
    const measured = Object.fromEntries(
      [...longest].map(([name, ms]) => [`${name} (${functionMemory[name]} MB), ms`, rounded(ms)]),
    );
    const [slowest, ms] = [...longest].toSorted(([, a], [, b]) => b - a)[0]!;
    return {
      verdict: atMost(ms, mostMs),
      found: `the longest cold start, of ${slowest}, took ${rounded(ms)} ms`,
      measured,
    };
  },
};
