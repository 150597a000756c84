import { runMatrix } from '../../faults/matrix.ts';
import { formatTable } from '../../faults/report.ts';
import type { Row } from '../../faults/row.ts';
import { rows } from '../../faults/rows/index.ts';

const assembly = process.env['TASKWIRE_TEMPLATE_DIRECTORY']!;
/** Several stacks, on a machine that runs other tests at the same time. Milliseconds. */
const timeout = 300_000;

/** A change is to be judged here, and not the luck of a run. */
const seed = 1;

/** Rows about load want the machine for themselves: `npm run -s faults -- --rows stall,history,storm`. */
const usual = rows.filter(({ profile }) => profile !== 'pressure');

describe('the fault matrix', () => {
  it(
    'holds: nothing is lost, doubled or leaked, and no stream lives past its bound',
    async () => {
      const results = await runMatrix(usual, { assembly, seed, scale: 'short' });
      const failed = results.filter(({ findings }) => findings.length > 0);
      const report = failed.length === 0 ? '' : `seed ${seed}\n${formatTable(failed)}`;
      expect(report).toBe('');
      expect(results.map(({ name }) => name)).toEqual(usual.map(({ name }) => name));
    },
    timeout,
  );

  it('finds what is lost, what comes twice, and rows that prove nothing or crash', async () => {
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
    ];
    const results = await runMatrix(broken, { assembly, seed: 1, scale: 'short' });
    const [nothing, crash, loss, twice] = results;
    expect(nothing!.findings).toEqual([expect.stringContaining('nothing was injected')]);
    expect(crash!.findings).toEqual([expect.stringContaining('broken row')]);
    expect(loss).toMatchObject({ lost: expect.any(Number), doubled: 0, leaked: 0 });
    expect(loss!.lost).toBeGreaterThan(0);
    expect(twice!.doubled).toBeGreaterThan(0);
    expect(formatTable(results)).toMatch(/^a loss +1 .* FAILED$/m);
  }, 60_000);
});
