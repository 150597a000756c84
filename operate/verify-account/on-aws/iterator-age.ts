import { awsOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { cannotTell } from '../statistics.ts';

const hours = 3;

/** Never run on AWS. */
export const iteratorAge: Experiment = {
  name: 'iterator-age',
  question: 'Does Lambda tell an age of what waits while the fan-out is not invoked?',
  dependsOn: '`LateEvents` in `lib/operations/alarm-table.ts`, and that `StoppedFanOut` is needed beside it',
  method: `Compares the minutes of the last ${hours} hours in which the fan-out has an \`IteratorAge\` with those in which it was invoked.`,
  assumed: 'there is an age in minutes with invocations only, and it is not missing there',
  change:
    'an age without invocations: `StoppedFanOut` says nothing that `LateEvents` does not, and can go. None with them: `LateEvents` is deaf, and needs another metric',
  cents: 1,
  minutes: 1,
  needs: ['aws'],
  run: async (context) => {
    const aws = awsOf(context);
    const dimensions = { FunctionName: await aws.nameOf('fanout') };
    const to = context.clock.now();
    const minute = { namespace: 'AWS/Lambda', dimensions, periodSeconds: 60 } as const;
    const [age, ran] = await aws.metrics(
      [
        { ...minute, name: 'IteratorAge', statistic: 'Maximum' },
        { ...minute, name: 'Invocations', statistic: 'Sum' },
      ],
      { from: to - hours * 3_600_000, to },
    );
    const invoked = new Set(ran!.times.filter((_, index) => ran!.values[index]! > 0));
    const aged = new Set(age!.times);
    const alone = [...aged].filter((time) => !invoked.has(time)).length;
    const deaf = [...invoked].filter((time) => !aged.has(time)).length;
    const measured = {
      'minutes with invocations': invoked.size,
      'of them without an age': deaf,
      'minutes with an age and no invocation': alone,
    };
    if (invoked.size === 0) return cannotTell('the fan-out was not invoked: run `latency` before', measured);
    // A batch at the turn of a minute may be counted in one and aged in the next.
    const isAsAssumed = alone <= invoked.size / 10 && deaf <= invoked.size / 10;
    const found = `in ${invoked.size} minutes with invocations the age was missing in ${deaf}, and it was told in ${alone} without one`;
    return { verdict: isAsAssumed ? 'as assumed' : 'differs', found, measured };
  },
};
