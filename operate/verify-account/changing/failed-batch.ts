import { EventLog, newLog } from '../../../lambdas/shared/dynamodb/event-log.ts';
import type { BatchOutcome } from '../../redrive/redrive.ts';
import { redriveBatch } from '../../redrive/redrive.ts';
import { explain } from '../../stack/explain.ts';
import type { Context } from '../context.ts';
import { askUntil, awsOf } from '../context.ts';
import type { Experiment, Finding } from '../experiment.ts';
import { Probe } from '../probe.ts';

const limitMs = 10 * 60_000;
const pauseMs = 15_000;

/** Lets the fan-out give up the change of a new task; gives the batches that come into the bucket, and after how long. */
async function giveUp(
  context: Context,
  probe: Probe,
): Promise<{ readonly names: readonly string[]; readonly seconds: number } | undefined> {
  const { clock } = context;
  const aws = awsOf(context);
  const before = new Set(await aws.batches.list());
  const putBack = await aws.stopFanOut();
  try {
    await probe.write();
    const began = clock.now();
    return await askUntil(context, { limitMs, pauseMs }, async () => {
      const names = (await aws.batches.list()).filter((name) => !before.has(name));
      return names.length > 0 ? { names, seconds: Math.round((clock.now() - began) / 1000) } : undefined;
    });
  } finally {
    await putBack();
  }
}

/** Makes up for batches, as `npm run redrive` does. */
async function makeUp(context: Context, names: readonly string[]): Promise<readonly BatchOutcome[]> {
  const { tables, stage } = context;
  const log = new EventLog(tables.client, tables.events);
  const options = { now: Date.now, newLog, historySeconds: stage.historySeconds, dryRun: false };
  const outcomes: BatchOutcome[] = [];
  for (const name of names) outcomes.push(await redriveBatch(name, awsOf(context).batches, log, options));
  return outcomes;
}

function judge(seconds: number, outcomes: readonly BatchOutcome[]): Finding {
  const fault = outcomes.find((each) => each.fault !== undefined)?.fault;
  const measured = {
    'given up after, s': seconds,
    batches: outcomes.length,
    records: outcomes.reduce((sum, { records = 0 }) => sum + records, 0),
  };
  if (fault !== undefined) {
    const found = `a batch came into the bucket after ${seconds} s, and cannot be made up for: ${explain(fault)}`;
    return { verdict: 'differs', found, measured };
  }
  return {
    verdict: 'as assumed',
    found: `a batch came into the bucket after ${seconds} s, and was made up for`,
    measured,
  };
}

/** Never run on AWS. */
export const failedBatch: Experiment = {
  name: 'failed-batch',
  question:
    'Does a batch that the fan-out gives up reach the bucket, with its records, and can it be made up for?',
  dependsOn:
    'the on-failure destination and its grants in `lib/data/failed-batches.ts`, `operate/redrive/failed-batch.ts`, which reads what Lambda writes there, and the alarm `FailedBatches`',
  method:
    'Lets no invocation of the fan-out begin and its mapping give up after a minute, makes a task, waits for an object in the bucket, puts both back, and makes up for it as `npm run redrive` does. What others write meanwhile is given up and made up for as well: their clients load again.',
  assumed: 'an object is there within some minutes, and its records can be read',
  change:
    'no object: the grants in `lib/data/failed-batches.ts`, or the destination of the mapping in `lib/functions/fan-out.ts`; `aws lambda get-event-source-mapping` says what Lambda could not do. One that cannot be read: `operate/redrive/failed-batch.ts`',
  cents: 1,
  minutes: 15,
  needs: ['aws', 'settings'],
  run: (context) =>
    Probe.during(context, async (probe) => {
      const given = await giveUp(context, probe);
      if (given !== undefined) return judge(given.seconds, await makeUp(context, given.names));
      const found = `no batch came into the bucket in ${limitMs / 60_000} minutes`;
      return { verdict: 'differs', found, measured: {} };
    }),
};
