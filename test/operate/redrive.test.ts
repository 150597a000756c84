import fc from 'fast-check';
import { appendBatch } from '../../core/log/append.ts';
import type { RedriveOptions } from '../../operate/redrive/redrive.ts';
import { redriveBatch } from '../../operate/redrive/redrive.ts';
import { readFailedBatch } from '../../operate/redrive/failed-batch.ts';
import { MemoryLog, sampleLog } from '../core/memory-log.ts';
import type { SampleRecord } from './batch-samples.ts';
import { invocationRecord, MemoryBatches } from './batch-samples.ts';

const options: RedriveOptions = {
  now: () => Date.UTC(2026, 0, 2),
  newLog: () => sampleLog,
  historySeconds: 86_400,
  dryRun: false,
};

/** Appends records as the fan-out does that has received them. */
async function fanOut(log: MemoryLog, records: readonly SampleRecord[]): Promise<void> {
  const { stream, workspaces } = readFailedBatch(invocationRecord(records));
  for (const { workspace, changes } of workspaces) {
    await appendBatch(log, { workspace, stream, changes }, options);
  }
}

/** The log of a workspace, without what is in the changes. */
function logged(log: MemoryLog, workspace: string): readonly unknown[] {
  return log
    .segments(workspace)
    .flatMap(({ changes }) => changes)
    .map((change) =>
      change.kind === 'resync'
        ? { resync: change.source, covers: change.covers }
        : `${change.kind} ${change.source}`,
    );
}

/** A log and a bucket that both may fail at any call. */
function faulty(fail: () => void): { log: MemoryLog; batches: MemoryBatches } {
  const log = new MemoryLog(async () => fail());
  const batches = new MemoryBatches();
  batches.fail = fail;
  return { log, batches };
}

describe('the redrive of a failed batch', () => {
  it('tells each workspace once to load again, and never what the records say', async () => {
    const { log, batches } = faulty(() => undefined);
    batches.open.set(
      'one',
      invocationRecord([
        { workspace: 'acme', source: 1 },
        { workspace: 'other', source: 2 },
        { workspace: 'acme', source: 3 },
      ]),
    );
    await fanOut(log, [{ workspace: 'acme', source: 4 }]);

    expect(await redriveBatch('one', batches, log, options)).toEqual({
      name: 'one',
      records: 3,
      workspaces: [
        { workspace: 'acme', outcome: 'resync' },
        { workspace: 'other', outcome: 'resync' },
      ],
    });
    expect(logged(log, 'acme')).toEqual(['task 4', { resync: '3', covers: ['1'] }]);
    expect(logged(log, 'other')).toEqual([{ resync: '2', covers: [] }]);
    expect([[...batches.open.keys()], [...batches.done.keys()]]).toEqual([[], ['one']]);

    // A fan-out that was thought dead comes too late: its records count as told.
    await fanOut(log, [
      { workspace: 'acme', source: 1 },
      { workspace: 'acme', source: 3 },
    ]);
    expect(logged(log, 'acme')).toHaveLength(2);
  });

  it('leaves a workspace alone whose records are all in the log, and counts on none that are not', async () => {
    const { log, batches } = faulty(() => undefined);
    const records = [1, 2, 3].flatMap((source) => [
      { workspace: 'whole', source },
      { workspace: 'half', source },
    ]);
    batches.open.set('one', invocationRecord(records));
    await fanOut(
      log,
      records.filter(({ workspace, source }) => workspace === 'whole' || source !== 2),
    );

    const { workspaces } = await redriveBatch('one', batches, log, options);
    expect(workspaces).toEqual([
      { workspace: 'whole', outcome: 'logged' },
      { workspace: 'half', outcome: 'resync' },
    ]);
    expect(logged(log, 'whole')).toEqual(['task 1', 'task 2', 'task 3']);
    expect(logged(log, 'half')).toEqual(['task 1', 'task 3', { resync: '2', covers: [] }]);
  });

  it('is of a stream that the log does not follow any more, and leaves it with the one it follows', async () => {
    const { log, batches } = faulty(() => undefined);
    batches.open.set('one', invocationRecord([{ workspace: 'acme', source: 1, stream: 'old' }]));
    await fanOut(log, [{ workspace: 'acme', source: 5, stream: 'new' }]);
    await redriveBatch('one', batches, log, options);
    await fanOut(log, [{ workspace: 'acme', source: 6, stream: 'new' }]);
    expect(logged(log, 'acme')).toEqual(['task 5', { resync: '1', covers: [] }, 'task 6']);
  });

  it('happens exactly once for each batch, wherever runs are interrupted and however many there are at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.option(fc.nat(12), { nil: undefined }), { minLength: 1, maxLength: 6 }),
        async (scheduler, deaths) => {
          const log = new MemoryLog(() => scheduler.schedule(Promise.resolve()));
          const open = new Map(
            ['one', 'two'].map((name, index) => [
              name,
              invocationRecord(
                ['acme', 'other'].flatMap((workspace) => [
                  { workspace, source: 10 * index + 1 },
                  { workspace, source: 10 * index + 2 },
                ]),
              ),
            ]),
          );
          const runs = [...deaths, undefined].map(async (diesAfter) => {
            let calls = 0;
            const live = (): void => {
              if (diesAfter !== undefined && calls++ >= diesAfter) throw new Error('interrupted');
            };
            // Each run has seen the list before any other has moved a batch.
            const batches = new MemoryBatches();
            batches.fail = live;
            for (const [name, text] of open) batches.open.set(name, text);
            const mortal = new Proxy(log, {
              get: (target, name: keyof MemoryLog) => {
                const value = target[name];
                if (typeof value !== 'function') return value;
                return (...args: never[]) => {
                  live();
                  return (value as (...all: never[]) => unknown).apply(target, args);
                };
              },
            });
            for (const name of ['one', 'two']) {
              await redriveBatch(name, batches, mortal, { ...options, attempts: 100 });
            }
            return batches;
          });
          const all = await scheduler.waitFor(Promise.all(runs));

          expect([...all.at(-1)!.done.keys()]).toEqual(['one', 'two']);
          for (const workspace of ['acme', 'other']) {
            expect(logged(log, workspace)).toHaveLength(2);
            expect(logged(log, workspace)).toEqual(
              expect.arrayContaining([
                { resync: '2', covers: ['1'] },
                { resync: '12', covers: ['11'] },
              ]),
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('writes nothing in a dry run, and says the same', async () => {
    const { log, batches } = faulty(() => undefined);
    batches.open.set('one', invocationRecord([{ workspace: 'acme', source: 1 }]));
    const outcome = await redriveBatch('one', batches, log, { ...options, dryRun: true });
    expect(outcome.workspaces).toEqual([{ workspace: 'acme', outcome: 'resync' }]);
    expect([log.segments('acme'), batches.done.size]).toEqual([[], 0]);
  });

  it.each([
    ['no JSON', 'nonsense', 'the object is not JSON'],
    ['a record for a queue, without the payload', '{"version":"1.0"}', 'at payload'],
    ['a payload that is cut off', '{"payload":"{"}', 'its payload is not JSON'],
    ['a batch of something else', '{"payload":"{\\"Records\\":[{}]}"}', 'at Records.0.eventSourceARN'],
    ['nothing', '{"payload":"{\\"Records\\":[]}"}', 'at Records'],
  ])('is refused for %s', (_, text, reason) => {
    expect(() => readFailedBatch(text)).toThrow(reason);
  });
});
