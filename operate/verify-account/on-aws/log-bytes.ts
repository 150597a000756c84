import { measured } from '../../cost/measured.ts';
import { awsOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { atMost, cannotTell, rounded, together } from '../statistics.ts';

const hours = 3;
const tolerance = 1.5;
const { invocation, write } = measured.logBytes;

/** What an invocation logs, bytes: one of `tasks` is most often a write. */
const assumedBytes = { tasks: invocation + write, fanout: invocation } as const;

/** Never run on AWS. */
export const logBytes: Experiment = {
  name: 'log-bytes',
  question: 'How many bytes of log does an invocation make, Lambda’s own lines among them?',
  dependsOn: '`logBytes` in `operate/cost/measured.ts`',
  method: `Divides \`IncomingBytes\` of the log groups of tasks and fan-out by their \`Invocations\`, over the last ${hours} hours; run it after \`latency\`.`,
  assumed: `at most half more than ${Object.entries(assumedBytes)
    .map(([name, bytes]) => `${bytes} bytes (${name})`)
    .join(' and ')}`,
  change: 'set the numbers, and write the tables anew: `npm run -s cost -- --write-tables`',
  cents: 1,
  minutes: 1,
  needs: ['aws'],
  run: async (context) => {
    const aws = awsOf(context);
    const now = context.clock.now();
    const sum = { statistic: 'Sum', periodSeconds: hours * 3600 } as const;
    const found: Array<{ readonly name: keyof typeof assumedBytes; readonly bytes: number }> = [];
    for (const name of ['tasks', 'fanout'] as const) {
      const [logged, ran] = await aws
        .metrics(
          [
            {
              namespace: 'AWS/Logs',
              name: 'IncomingBytes',
              dimensions: { LogGroupName: await aws.logGroupOf(name) },
              ...sum,
            },
            {
              namespace: 'AWS/Lambda',
              name: 'Invocations',
              dimensions: { FunctionName: await aws.nameOf(name) },
              ...sum,
            },
          ],
          { from: now - hours * 3_600_000, to: now },
        )
        .then((all) => all.map(({ values }) => values.reduce((total, value) => total + value, 0)));
      if (logged! > 0 && ran! > 0) found.push({ name, bytes: logged! / ran! });
    }
    if (found.length === 0) return cannotTell('neither tasks nor fan-out has run in the last hours');
    return {
      verdict: together(found.map(({ name, bytes }) => atMost(bytes, tolerance * assumedBytes[name]))),
      found: found
        .map(({ name, bytes }) => `an invocation of ${name} logs ${rounded(bytes)} bytes`)
        .join(', '),
      measured: Object.fromEntries(found.map(({ name, bytes }) => [`${name}, bytes`, rounded(bytes)])),
    };
  },
};
