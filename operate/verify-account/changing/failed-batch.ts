import type { Context } from '../context.ts';
import { askUntil, awsOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { Probe } from '../probe.ts';

const limitMs = 10 * 60_000;
const pauseMs = 15_000;
/** As Lambda names what it gives up. Source: "S3 on-failure destination", Lambda developer guide. */
const prefix = 'aws/lambda/';

/** Waits for a batch that was not there; gives how many seconds it took. */
async function awaitBatch(context: Context, before: ReadonlySet<string>): Promise<number | undefined> {
  const { clock } = context;
  const began = clock.now();
  return askUntil(context, { limitMs, pauseMs }, async () => {
    const keys = await awsOf(context).failedBatches(prefix);
    return keys.some((key) => !before.has(key)) ? Math.round((clock.now() - began) / 1000) : undefined;
  });
}

/** Never run on AWS. */
export const failedBatch: Experiment = {
  name: 'failed-batch',
  question: 'Does a batch that the fan-out gives up reach the bucket, with its records?',
  dependsOn:
    'the on-failure destination and its grants in `lib/data/failed-batches.ts`, `npm run redrive`, and the alarm `FailedBatches`',
  method:
    'Lets no invocation of the fan-out begin and its mapping give up after a minute, makes a task, waits for an object in the bucket, and puts both back. Then run `npm run redrive`. What others write meanwhile is given up as well: for a stage without users.',
  assumed: 'an object is there within some minutes',
  change:
    'the grants in `lib/data/failed-batches.ts`, or the destination of the mapping in `lib/functions/fan-out.ts`; `aws lambda get-event-source-mapping` says what Lambda could not do',
  cents: 1,
  minutes: 15,
  needs: ['aws', 'settings'],
  run: (context) =>
    Probe.during(context, async (probe) => {
      const aws = awsOf(context);
      const before = new Set(await aws.failedBatches(prefix));
      const putBack = await aws.stopFanOut();
      let seconds: number | undefined;
      try {
        await probe.write();
        seconds = await awaitBatch(context, before);
      } finally {
        await putBack();
      }
      if (seconds === undefined) {
        const found = `no batch came into the bucket in ${limitMs / 60_000} minutes`;
        return { verdict: 'differs', found, measured: {} };
      }
      return {
        verdict: 'as assumed',
        found: `a batch came into the bucket after ${seconds} s; npm run redrive makes up for it`,
        measured: { 'given up after, s': seconds },
      };
    }),
};
