import fc from 'fast-check';
import type { Change } from '../../core/log/change.ts';
import { deriveChange } from '../../core/log/change.ts';
import type { Task } from '../../protocol/task.ts';
import { anyTask } from './task-samples.ts';

/** Writes to one table, one after another: an id with its new image, or with none where the task is deleted. */
export type Writes = readonly (readonly [id: number, image: Task | undefined])[];

/** At most twenty writes to a few tasks. */
export const anyWrites: fc.Arbitrary<Writes> = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.option(anyTask, { nil: undefined })),
  { maxLength: 20 },
);

/**
 * Writes to a table that may hold something already.
 * @param first the source of the first change, as a number.
 * @returns the changes that these writes are, those of which nobody can tell anything left out.
 */
export function write(table: Map<number, Task>, writes: Writes, first = 1): readonly Change[] {
  return writes.flatMap(([id, image], index) => {
    const before = table.get(id);
    const after = image && { ...image, id };
    if (after) table.set(id, after);
    else table.delete(id);
    const change = deriveChange({
      source: String(first + index),
      at: 0,
      before: before && { ...before },
      after: after && { ...after },
    });
    return change ? [change] : [];
  });
}
