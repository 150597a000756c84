import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Deliver } from '../../local/data/pump/batch-delivery.ts';
import type { Ended } from '../commands/command.ts';
import { runOperatorCommand } from '../operate/operator-command.ts';
import { TestStack } from './stack.ts';

const tryOut = (flags: readonly string[]): Promise<Ended> => runOperatorCommand('operate/redrive.ts', flags);
const redrive = (flags: readonly string[]): Promise<Ended> => tryOut([...flags, '--apply']);

/** How deliveries go: as always; not at all, for longer than a record is retried; or so that only the answer is lost. */
let fault: 'none' | 'down' | 'answer lost' = 'none';

/** What the mapping takes for a day passes at once. */
const wrapDeliver =
  (deliver: Deliver): Deliver =>
  async (records) => {
    if (fault === 'none') return deliver(records);
    if (fault === 'answer lost') await deliver(records);
    const yesterday = Math.floor(Date.now() / 1000) - 21 * 3600;
    for (const { dynamodb } of records) Object.assign(dynamodb, { ApproximateCreationDateTime: yesterday });
    return { batchItemFailures: [{ itemIdentifier: records[0]!.dynamodb.SequenceNumber }] };
  };

let stack: TestStack;
let bucket: string;
let flags: readonly string[];
beforeAll(async () => {
  stack = await TestStack.start({ wrapDeliver });
});
afterAll(() => stack.close());
afterEach(() => {
  fault = 'none';
});

/** The failed batches that lie below a folder of the bucket. */
function batchesUnder(folder: string): readonly string[] {
  return readdirSync(path.join(bucket, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

/** Does something whose changes are given up, and finds the bucket that they lie in. */
async function giveUp(how: typeof fault, act: () => Promise<unknown>): Promise<void> {
  await stack.local.pump.drained();
  fault = how;
  await act();
  await stack.local.pump.drained();
  fault = 'none';
  const [name = ''] = readdirSync(stack.local.bucketsDirectory);
  bucket = path.join(stack.local.bucketsDirectory, name);
  const { databaseEndpoint, tables } = stack.local;
  flags = ['--directory', bucket, '--events-table', tables['events']!, '--endpoint', databaseEndpoint];
}

describe('batches that were given up', () => {
  it('are made up for by a redrive: clients load the right state, once for each batch', async () => {
    const who = { sub: 'alice', workspace: 'redrive' };
    const { body: created } = await stack.request(who, 'POST', '/tasks', { name: 'first' });
    await stack.local.pump.drained();
    const stream = await stack.connect(who);
    await giveUp('down', async () => {
      await stack.request(who, 'PATCH', `/tasks/${created.task.id}`, { status: 'done' });
      await stack.request(who, 'DELETE', `/tasks/${created.task.id}`);
      await stack.request(who, 'POST', '/tasks', { name: 'second' });
    });
    const batches = batchesUnder('aws').length;
    expect(batches).toBeGreaterThan(0);

    const trial = await tryOut(flags);
    expect(trial).toMatchObject({ code: 0, stderr: '' });
    expect(trial.stdout.match(/redrive +would be told to load again$/gm)).toHaveLength(batches);
    expect(trial.stdout).toMatch(/^nothing was changed/m);
    expect(stream.withoutPings).toHaveLength(1);
    expect(batchesUnder('aws')).toHaveLength(batches);

    const run = await redrive(flags);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout.match(/redrive +told to load again$/gm)).toHaveLength(batches);
    await stream.until(() => stream.withoutPings.length > batches);
    const { body: loaded } = await stack.request(who, 'GET', '/tasks');
    expect(loaded.tasks.map(({ name }: { name: string }) => name)).toEqual(['second']);

    expect((await redrive(flags)).stdout).toBe('there are no failed batches\n');
    // As if the run had been interrupted before it moved them.
    expect([batchesUnder('aws').length, batchesUnder('redriven').length]).toEqual([0, batches]);
    cpSync(path.join(bucket, 'redriven'), bucket, { recursive: true });
    const again = await redrive(flags);
    expect(again.code).toBe(0);
    expect(again.stdout.match(/redrive +is in the log already$/gm)).toHaveLength(batches);

    await stack.request(who, 'POST', '/tasks', { name: 'third' });
    await stream.until(() => stream.events.length > 0);
    expect(stream.withoutPings.slice(1).map(({ event, data }) => event ?? data.task.name)).toEqual([
      ...Array.from({ length: batches }, () => 'resume'),
      'third',
    ]);
    expect(stream.withoutPings[1]!.data).toEqual({ complete: false, reason: 'resync' });

    const resumed = await stack.connect(who, {}, { 'last-event-id': stream.withoutPings[batches]!.id! });
    await resumed.until(() => resumed.events.length > 0);
    expect(resumed.frames[1]!.data).toEqual({ complete: true });
    expect(resumed.events.map(({ task }) => task.name)).toEqual(['third']);
  });

  it('are left as they are where the log holds them: nobody loads again', async () => {
    const who = { sub: 'alice', workspace: 'redrive-told' };
    const stream = await stack.connect(who);
    await giveUp('answer lost', () => stack.request(who, 'POST', '/tasks', { name: 'told' }));
    const run = await redrive(flags);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/redrive-told +is in the log already$/m);

    await stack.request(who, 'POST', '/tasks', { name: 'next' });
    await stream.until(() => stream.events.length >= 2);
    expect(stream.withoutPings.slice(1).map(({ event, data }) => event ?? data.task.name)).toEqual([
      'told',
      'next',
    ]);
    rmSync(path.join(bucket, 'redriven'), { recursive: true });
  });
});
