import type { Task } from '../../protocol/task.ts';

/** Fields that every write changes. */
const ofEveryWrite: ReadonlySet<keyof Task> = new Set(['version', 'updated_at', 'updated_by']);

/** The fields whose values differ, of those that say something. */
export function changedFields(before: Task, after: Task): readonly (keyof Task)[] {
  const fields = Object.keys(after) as (keyof Task)[];
  return fields.filter((field) => !ofEveryWrite.has(field) && !isSame(before[field], after[field]));
}

/** Whether a task has these values already. */
export function hasFields(task: Task, fields: Partial<Task>): boolean {
  return Object.entries(fields).every(([field, value]) => isSame(task[field as keyof Task], value));
}

/** Whether two values have the same JSON. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
