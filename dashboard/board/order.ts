import type { Task, TaskStatus } from '../../client/index.ts';
import { columnOf } from './columns.ts';

/** The tasks of each column in the order in which it shows them: the highest priority first, then what was created last. */
export function byColumn(tasks: readonly Task[]): ReadonlyMap<TaskStatus, readonly Task[]> {
  return new Map(
    [...Map.groupBy(tasks, columnOf)].map(([column, its]) => [column, its.toSorted(compareTasks)]),
  );
}

/** Negative where a task comes before another one of its column. */
export function compareTasks(one: Task, other: Task): number {
  return (
    other.priority - one.priority || compareTexts(createdAt(other), createdAt(one)) || rank(other) - rank(one)
  );
}

/** ISO 8601 UTC, so it orders as a text. What the server has not created yet is the newest; a raw write may say nothing. */
function createdAt({ id, created_at: at }: Task): string {
  return at ?? (id < 0 ? '~' : '');
}

/** Ids are given in order; those of tasks that the server has not created yet count down from -1. */
function rank({ id }: Task): number {
  return id < 0 ? 2 ** 52 - id : id;
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
