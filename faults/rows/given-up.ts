import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Injection, Row } from '../matrix/row.ts';
import { Gate } from './gate.ts';
import { passMark } from './mark.ts';

const run = promisify(execFile);
const redriveCommand = path.join(import.meta.dirname, '..', '..', 'operate', 'redrive.ts');

/** More than the mapping lets a record age. */
const longAgoMs = 21 * 3600 * 1000;

/** Batches that fail until the mapping gives them up. */
export const givenUpRows: readonly Row[] = [
  { name: 'retries exhausted, then redriven', reloads: { must: ['resync'] }, run: giveUpAndRedrive },
];

/** Nobody hears of the changes in a batch that was given up, until it is redriven: then all load the state again. */
async function giveUpAndRedrive(injection: Injection): Promise<void> {
  const { seams, stack } = injection;
  await injection.writeInWaves(20, 2);
  let refusals = 0;
  const failing = new Gate();
  seams.awsCall = (call) => {
    if (call.functionName !== 'fanout' || call.operation !== 'TransactWriteItems') return undefined;
    refusals += 1;
    if (refusals === 3) failing.open();
    return { kind: 'throttle' };
  };
  await injection.write(30);
  await failing.pass();
  seams.mappingAheadMs = longAgoMs;
  await stack.local.pump.drained();
  seams.heal();

  const given = failedBatches(stack.local.bucketsDirectory);
  injection.injected += given.length;
  await injection.writeInWaves(20, 2);
  await redrive(injection);
  if (failedBatches(stack.local.bucketsDirectory).length > 0)
    injection.failures.push('batches are left behind');
  await passMark(injection, 'after the first redrive');
  const clients = injection.boards.flatMap(({ replicas }) => replicas);
  const reloads = clients.map((replica) => replica.reloads);
  // A second time there is nothing to do, and nobody hears of it.
  await redrive(injection);
  await passMark(injection, 'after the second redrive');
  for (const [index, { user, reloads: now }] of clients.entries())
    if (now !== reloads[index]) injection.failures.push(`${user.sub} loaded again for a second redrive`);
}

/** The batches that wait to be redriven, as files. */
function failedBatches(bucketsDirectory: string): string[] {
  return readdirSync(bucketsDirectory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(bucketsDirectory, path.join(parentPath, name)))
    .filter((file) => file.split(path.sep)[1] === 'aws');
}

/** @throws {Error} when the command fails */
async function redrive({ stack }: Injection): Promise<void> {
  const { bucketsDirectory, databaseEndpoint } = stack.local;
  const [bucket] = readdirSync(bucketsDirectory);
  const flags = {
    '--directory': path.join(bucketsDirectory, bucket!),
    '--events-table': stack.table('events'),
    '--endpoint': databaseEndpoint,
  };
  await run(process.execPath, [redriveCommand, '--apply', ...Object.entries(flags).flat()]);
}
