import type { TaskFields } from '../../client/http/task-api.ts';
import type { Task } from '../../protocol/task.ts';

/** A write of the store's user. */
export interface OwnWrite {
  readonly kind: 'create' | 'update' | 'remove';
  /** As its user knew it. */
  readonly id: number;
  readonly fields: TaskFields;
  /** What the user was shown of the task until the decision: `field=value`. */
  readonly shown: ReadonlySet<string>;
  /** Whether its user decided on what was shown before, which the user's own writes may have changed since. */
  readonly isStale: boolean;
  /** Whether it may show a task twice: it was created before, and nobody heard so. */
  readonly isAgain: boolean;
  correlationId: string | undefined;
  isSettled: boolean;
}

/** What users write: the values are few, so that they meet. */
export const changes: readonly TaskFields[] = [
  { status: 'in_progress' },
  { status: 'done' },
  { status: 'inbox', blocked: true },
  { blocked: false },
  { name: 'Milk' },
  { name: 'Bread', status: 'up_next' },
];
/** Fields of which it is watched what is shown. */
export const watched = ['status', 'name', 'blocked'] as const;

/** What is shown of a task, of what is watched: `field=value`. */
export const factsOf = (task: Task): string[] => watched.map((field) => `${field}=${String(task[field])}`);

/** One of some, by a number that may be greater than there are. */
export function pick<Item>(items: readonly Item[], which: number): Item | undefined {
  return items[which % items.length];
}
