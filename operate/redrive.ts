/** `npm run redrive`: makes up for the batches that the event source mapping has given up. */
import { EventLog, newLog } from '../lambdas/shared/dynamodb/event-log.ts';
import { runCommand } from '../commands/command-line.ts';
import { explain, isAboutCredentials } from './stack/explain.ts';
import { openTables } from './stack/tables.ts';
import type { BatchStore } from './redrive/batch-store.ts';
import { BatchDirectory } from './redrive/batch-store.ts';
import type { RedriveCommand, RedriveTarget } from './redrive/command-line.ts';
import { help, options as commandOptions, readRedriveCommand } from './redrive/command-line.ts';
import type { BatchOutcome, RedriveOptions } from './redrive/redrive.ts';
import { redriveBatch } from './redrive/redrive.ts';
import { tableOf } from './redrive/report.ts';

type Located = Exclude<RedriveTarget, { stage: string }>;

/** Loads what talks to AWS only where AWS is meant. */
async function locate(target: RedriveTarget): Promise<Located> {
  if (!('stage' in target)) return target;
  const { readOutputs } = await import('./stack/stack-outputs.ts');
  const outputs = await readOutputs(target.stage, [
    'FailedBatchesBucket',
    'EventsTableName',
    'HistorySeconds',
  ]);
  return {
    batches: { bucket: outputs.FailedBatchesBucket },
    eventsTable: outputs.EventsTableName,
    historySeconds: Number(outputs.HistorySeconds),
    endpoint: undefined,
  };
}

async function openBatches(batches: Located['batches']): Promise<BatchStore> {
  if ('directory' in batches) return new BatchDirectory(batches.directory);
  const { BatchBucket } = await import('./redrive/batch-bucket.ts');
  return new BatchBucket(batches.bucket);
}

function openLog({ endpoint, eventsTable }: Located): EventLog {
  return new EventLog(openTables(endpoint), eventsTable);
}

/** Gives whether everything is done. */
async function redrive({ target, dryRun }: RedriveCommand): Promise<boolean> {
  const located = await locate(target);
  const batches = await openBatches(located.batches);
  const log = openLog(located);
  const options: RedriveOptions = {
    now: Date.now,
    newLog,
    historySeconds: located.historySeconds,
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
  run: async (flags) => ((await redrive(readRedriveCommand(flags))) ? 0 : 1),
});
