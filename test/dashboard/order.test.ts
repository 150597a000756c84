import fc from 'fast-check';
import type { Task } from '../../client/index.ts';
import { columnOf } from '../../dashboard/board/columns.ts';
import { byColumn, compareTasks } from '../../dashboard/board/order.ts';
import { taskStatuses } from '../../protocol/task.ts';
import { sampleTask } from '../core/task-samples.ts';

const times = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z', '2026-11-02T10:00:00.000Z'];

/** Tasks with ids of their own: as the server has made them, as a script has, and as it has not made them yet. */
const tasks: fc.Arbitrary<Task[]> = fc.uniqueArray(
  fc
    .record({
      id: fc.integer({ min: -20, max: 40 }).filter((id) => id !== 0),
      priority: fc.integer({ min: 0, max: 3 }),
      created_at: fc.constantFrom(...times, null),
      status: fc.constantFrom(...taskStatuses),
      archived: fc.boolean(),
    })
    .map(({ id, created_at, ...fields }) =>
      sampleTask({ id, created_at: id < 0 ? null : created_at, ...fields }),
    ),
  { selector: ({ id }) => id },
);

describe('the order of a column', () => {
  it('is one, however the tasks came: by priority, then the newest first', () => {
    fc.assert(
      fc.property(tasks, fc.func(fc.integer()), (given, shuffle) => {
        const sorted = given.toSorted(compareTasks);
        const shuffled = given.toSorted((one, other) => shuffle(one.id) - shuffle(other.id));
        expect(shuffled.toSorted(compareTasks)).toEqual(sorted);
        for (const [index, task] of sorted.entries()) {
          const next = sorted[index + 1];
          if (next === undefined) continue;
          expect(compareTasks(task, next)).toBeLessThan(0);
          expect(compareTasks(next, task)).toBeGreaterThan(0);
          expect(task.priority).toBeGreaterThanOrEqual(next.priority);
          if (task.priority !== next.priority) continue;
          // What the user has just made is at the top.
          if (next.id < 0) expect(task.id).toBeLessThan(0);
          if (task.created_at !== null && next.created_at !== null)
            expect(task.created_at >= next.created_at).toBe(true);
        }
      }),
    );
  });

  it('holds each task once, in its column', () => {
    fc.assert(
      fc.property(tasks, (given) => {
        const columns = byColumn(given);
        const shown = [...columns].flatMap(([column, its]) => its.map(({ id }) => `${id} ${column}`));
        expect(shown).toHaveLength(given.length);
        expect(new Set(shown)).toEqual(new Set(given.map((task) => `${task.id} ${columnOf(task)}`)));
      }),
    );
  });
});
