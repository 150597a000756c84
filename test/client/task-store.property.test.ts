import fc from 'fast-check';
import type { TaskFilter } from '../../client/store/task-filter.ts';
import { Schedule } from './store-schedule.ts';

const names = Object.keys(new Schedule({}).actions);
/** Writes, requests and events come often; the rest now and then. */
const usual = ['update', 'otherUpdates', 'execute', 'answer', 'answer', 'tell', 'tell', 'goOn'];

const anyStep = fc.tuple(fc.constantFrom(...names, ...usual), fc.nat(30), fc.nat(30));
const anyFilter: fc.Arbitrary<TaskFilter> = fc.constantFrom(
  {},
  {},
  { status: ['inbox', 'in_progress'] as const },
);
/** More of them, and others each time, with `SCHEDULES=20000 npm test -- test/client/task-store.property`. */
const asked = process.env['SCHEDULES'];
const schedules = Number(asked ?? 3000);

describe('the task store, whatever happens in whatever order', () => {
  it('ends with what the server has, shows no pending or confirmed write taken back, and replaces nothing unseen', async () => {
    const counts: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(
        anyFilter,
        fc.array(anyStep, { maxLength: 60, size: 'max' }),
        fc.nat(12),
        async (filter, steps, before) => {
          const schedule = new Schedule(filter);
          await schedule.run(steps, before);
          for (const [what, count] of Object.entries(schedule.counts))
            counts[what] = (counts[what] ?? 0) + count;
          expect(schedule.faults).toEqual([]);
        },
      ),
      { numRuns: schedules, ...(asked === undefined && { seed: 20261128 }) },
    );
    // All ends of a write were met, so that nothing holds for want of trying.
    for (const end of [
      'create: done',
      'update: done',
      'update: conflict',
      'update: gone',
      'remove: gone',
      'remove: conflict',
    ]) {
      expect(counts[end] ?? 0).toBeGreaterThan(schedules / 100);
    }
  });
});
