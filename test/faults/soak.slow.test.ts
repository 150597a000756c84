import type { RowResult } from '../../faults/matrix/matrix.ts';
import type { Row } from '../../faults/matrix/row.ts';
import { rows } from '../../faults/rows/index.ts';
import { mergeByName, soak } from '../../faults/matrix/soak.ts';
import { noOutcome } from '../../faults/matrix/tally.ts';

const assembly = process.env['TASKWIRE_TEMPLATE_DIRECTORY']!;
const timeout = 240_000;

/** A soak of seconds. */
const small = {
  assembly,
  seed: 1,
  minutes: 0.01,
  size: { pairsPerBoard: [1, 1], windowSeconds: [1, 1], cachedItems: 3 },
} as const;

const struck = rows.filter(({ strike }) => strike !== undefined);

describe('the soak', () => {
  it(
    'holds while clients are cut, die and lose the function',
    async () => {
      const { results, memory } = await soak({
        ...small,
        size: { ...small.size, fewestFaults: 3 },
        rows: struck,
      });
      expect(results.flatMap(({ findings }) => findings)).toEqual([]);
      expect(results.map(({ injected }) => injected)).not.toContain(0);
      expect(results.length).toBeGreaterThan(1);
      expect(memory).toHaveLength(6);
    },
    timeout,
  );

  it(
    'finds what is past its bound, what fails, and clients that load again',
    async () => {
      const broken: Row = {
        name: 'broken',
        strike: async (injection) => {
          injection.inject();
          injection.pastBound.push('late');
          injection.failures.push('wrong');
          const [{ writer, unreadable }] = injection.boards as [(typeof injection.boards)[0]];
          const id = writer.newRawId();
          unreadable.add(id);
          await writer.putRaw({ ...writer.draft(id), visibility: 'Private', id });
        },
      };
      const { results } = await soak({ ...small, rows: [broken] });
      expect(results).toHaveLength(1);
      expect(results[0]).toMatchObject({ name: 'broken', pastBound: 1 });
      const { findings } = results[0]!;
      expect(findings).toEqual(expect.arrayContaining(['late', 'wrong']));
      expect(findings).toContainEqual(expect.stringContaining('had to load again: resync'));
    },
    timeout,
  );

  it('takes a fault that never happened for a failure, and one that happened once for none', () => {
    const window = (name: string, injected: number): RowResult => ({
      ...noOutcome,
      name,
      injected,
      seconds: 1,
    });
    const merged = mergeByName([
      window('never', 0),
      window('once', 0),
      window('once', 1),
      window('never', 0),
    ]);
    expect(merged.map(({ name, findings }) => [name, findings.length])).toEqual([
      ['never', 1],
      ['once', 0],
    ]);
  });
});
