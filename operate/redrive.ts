/** `npm run redrive`: makes up for the batches that the event source mapping has given up. */
import type { Flags } from '../commands/command-line.ts';
import { runCommand } from '../commands/command-line.ts';
import { EventLog, newLog } from '../lambdas/shared/dynamodb/event-log.ts';
import type { BatchStore } from './redrive/batch-store.ts';
import { BatchDirectory } from './redrive/batch-store.ts';
import type { RedriveTarget } from './redrive/command-line.ts';
import { help, locateBatches, options as commandOptions } from './redrive/command-line.ts';
import type { BatchOutcome, RedriveOptions } from './redrive/redrive.ts';
import { redriveBatch } from './redrive/redrive.ts';
import { tableOf } from './redrive/report.ts';
import { dryRunNote } from './stack/apply.ts';
import { explain, isAboutCredentials } from './stack/explain.ts';
import { openTables } from './stack/tables.ts';

/** Loads what talks to AWS only where AWS is meant. */
async function openBatches(batches: RedriveTarget['batches']): Promise<BatchStore> {
  if ('directory' in batches) return new BatchDirectory(batches.directory);
  const { BatchBucket } = await import('./redrive/batch-bucket.ts');
  return new BatchBucket(batches.bucket);
}

/** Gives whether everything is done, or would be. */
async function redrive(flags: Flags<typeof commandOptions>): Promise<boolean> {
  const dryRun = !flags.apply;
  const { batches: target, endpoint, eventsTable, historySeconds } = await locateBatches(flags);
  const batches = await openBatches(target);
  const log = new EventLog(openTables(endpoint), eventsTable);
  const options: RedriveOptions = {
    now: Date.now,
    newLog,
    historySeconds: Number(historySeconds),
    dryRun,
  };
  const names = (await batches.list()).toSorted();
  if (names.length === 0) {
    console.log('there are no failed batches');
    return true;
  }
  const outcomes: BatchOutcome[] = [];
  for (const name of names) {
    const outcome = await redriveBatch(name, batches, log, options);
    outcomes.push(outcome);
    if (isAboutCredentials(outcome.fault)) break;
  }
  console.log(tableOf(outcomes, dryRun));
  if (dryRun) console.log(dryRunNote);
  const open = names.length - outcomes.filter(({ fault }) => fault === undefined).length;
  if (open > 0) console.error(`redrive: ${open} of ${names.length} batches are not done`);
  return open === 0;
}

await runCommand({
  name: 'redrive',
  call: 'npm run -s redrive',
  help,
  options: commandOptions,
  explain,
  run: async (flags) => ((await redrive(flags)) ? 0 : 1),
});
