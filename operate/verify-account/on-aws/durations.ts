import type { WatchedFunction } from '../aws/aws.ts';
import { awsOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { atMost, cannotTell, quantile, rounded, together } from '../statistics.ts';
import { measured } from '../../cost/measured.ts';

const hours = 3;
/** Times what is assumed: cold starts are in the average of an evening. */
const tolerance = 2;
const { newTask, fanout, socketEvent, push } = measured.milliseconds;

/** What `npm run cost` takes each for, milliseconds. */
const assumedMs = { tasks: newTask, fanout, websocket: socketEvent, push } as const;

/** Never run on AWS. */
export const durations: Experiment = {
  name: 'durations',
  question: 'How long do the functions run that are not streams?',
  dependsOn: '`milliseconds` in `operate/cost/measured.ts`: the compute of changes in every bill',
  method: `Asks CloudWatch for the average \`Duration\` of the last ${hours} hours; run it after \`latency\`.`,
  assumed: `at most twice what is there: ${Object.entries(assumedMs)
    .map(([name, ms]) => `${name} ${ms} ms`)
    .join(', ')}`,
  change: 'set the numbers, and write the tables anew: `npm run -s cost -- --write-tables`',
  cents: 1,
  minutes: 1,
  needs: ['aws'],
  run: async (context) => {
    const aws = awsOf(context);
    const names = Object.keys(assumedMs) as Array<keyof typeof assumedMs & WatchedFunction>;
    const now = context.clock.now();
    const questions = await Promise.all(
      names.map(async (name) => ({
        namespace: 'AWS/Lambda',
        name: 'Duration',
        dimensions: { FunctionName: await aws.nameOf(name) },
        statistic: 'Average' as const,
        periodSeconds: hours * 3600,
      })),
    );
    const all = await aws.metrics(questions, { from: now - hours * 3_600_000, to: now });
    const found = names.flatMap((name, index) => {
      const { values } = all[index]!;
      // Two, where the hours lie in two periods.
      return values.length === 0 ? [] : [{ name, ms: quantile(values, 1) }];
    });
    if (found.length === 0) return cannotTell('no function has run in the last hours');
    return {
      verdict: together(found.map(({ name, ms }) => atMost(ms, tolerance * assumedMs[name]))),
      found: found.map(({ name, ms }) => `${name} runs for ${rounded(ms)} ms`).join(', '),
      measured: Object.fromEntries(
        found.map(({ name, ms }) => [`${name}, ms (assumed ${assumedMs[name]})`, rounded(ms)]),
      ),
    };
  },
};
