import { watchEnds } from '../../faults/judge/ends.ts';
import { runMatrix } from '../../faults/matrix/matrix.ts';
import { exitCodeOf, formatTable } from '../../faults/matrix/report.ts';
import type { Injection, Row } from '../../faults/matrix/row.ts';
import { injectCalls } from '../../faults/rows/calls.ts';
import type { StreamRecord } from '../../local/data/pump/stream-record.ts';

const assembly = process.env['TASKWIRE_TEMPLATE_DIRECTORY']!;
/** Several stacks, on a machine that may be slow and runs other tests: each row has a limit of its own. Milliseconds. */
const timeout = 1_500_000;

// That the rows themselves hold is for the command to say: `npm run -s faults`, which .ci/run runs.

/** Says to the fan-out that each task is one that the whole workspace may see. */
async function tellPrivateTasks(injection: Injection): Promise<void> {
  injection.seams.delivery = (records, deliver) => {
    injection.inject();
    return deliver(records.map(makeVisible));
  };
  for (const { writer } of injection.boards) await writer.createFor('bob');
  await injection.stack.local.pump.drained();
}

function makeVisible(record: StreamRecord): StreamRecord {
  const { NewImage: image } = record.dynamodb;
  if (image === undefined) return record;
  return {
    ...record,
    dynamodb: { ...record.dynamodb, NewImage: { ...image, visibility: { S: 'workspace' } } },
  };
}

/** An item of which no task can be read makes each client load again. */
async function putUnreadable(injection: Injection): Promise<void> {
  injection.inject();
  for (const { writer, unreadable } of injection.boards) {
    const id = writer.newRawId();
    unreadable.add(id);
    await writer.putRaw({ ...writer.draft(id), visibility: 'Private', id });
  }
}

describe('the fault matrix', () => {
  it(
    'finds what is lost, what comes twice, and rows that prove nothing or crash',
    async () => {
      const broken: readonly Row[] = [
        { name: 'nothing', run: (injection) => injection.write(4) },
        { name: 'a crash', run: () => Promise.reject(new Error('broken row')) },
        {
          name: 'a loss',
          run: async (injection) => {
            injection.seams.delivery = () => Promise.resolve();
            injection.inject();
            await injection.write(8);
            await injection.stack.local.pump.drained();
          },
        },
        {
          name: 'a change under another number',
          run: async (injection) => {
            injection.seams.delivery = async (records, deliver) => {
              await deliver(records);
              injection.inject();
              const again = ({ SequenceNumber: number }: { readonly SequenceNumber: string }): string =>
                String(BigInt(number) + 1_000_000n);
              return deliver(
                records.map((record) => ({
                  ...record,
                  dynamodb: { ...record.dynamodb, SequenceNumber: again(record.dynamodb) },
                })),
              );
            };
            await injection.writeInWaves(8, 1);
          },
        },
        { name: 'a private task that all hear of', run: tellPrivateTasks },
        {
          name: 'a stream that goes on',
          run: async (injection) => {
            injection.inject();
            const { replicas } = injection.boards[0]!;
            await watchEnds(injection, replicas.slice(0, 1))('revoked', 0);
          },
        },
        { name: 'a reload without need', run: putUnreadable },
        {
          name: 'no reload where each must',
          reloads: { must: ['resync'] },
          run: (injection) => {
            injection.inject();
            return injection.write(4);
          },
        },
        { name: 'a reload for another reason', reloads: { must: ['unknown_cursor'] }, run: putUnreadable },
        {
          name: 'refused writes',
          run: async (injection) => {
            const calls = { functions: ['tasks'], operations: ['PutItem', 'TransactWriteItems'] };
            injectCalls(injection, calls, () => ({ kind: 'throttle' }));
            await injection.write(12);
          },
        },
      ];
      const results = await runMatrix(broken, { assembly, seed: 1, scale: 'short' });
      const [nothing, crash, loss, twice, leak, late, needless, missing, otherReason, refused] = results;
      expect(leak!.leaked).toBeGreaterThan(0);
      expect(late).toMatchObject({ lost: 0, doubled: 0, leaked: 0, pastBound: 1 });
      expect(needless!.findings).toContainEqual(expect.stringContaining('had to load again: resync'));
      expect(missing!.findings).toContainEqual(expect.stringContaining('never had to load again'));
      expect(otherReason!.findings).toContainEqual(expect.stringContaining('had to load again: resync'));
      expect(refused!.findings).toContainEqual(expect.stringContaining('POST /tasks was answered 429'));
      expect(refused!.findings).toContainEqual(expect.stringContaining('of 7 writes only 1 were accepted'));
      expect(nothing!.findings).toEqual([expect.stringContaining('nothing was injected')]);
      expect(crash!.findings).toEqual([expect.stringContaining('broken row')]);
      expect(loss).toMatchObject({ lost: expect.any(Number), doubled: 0, leaked: 0 });
      expect(loss!.lost).toBeGreaterThan(0);
      expect(twice!.doubled).toBeGreaterThan(0);
      expect(exitCodeOf(results)).toBe(1);
      expect(formatTable(results)).toMatch(/^a loss +1 .* FAILED$/m);
    },
    timeout,
  );
});
