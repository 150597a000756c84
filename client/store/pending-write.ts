import { withArchiving } from '../../protocol/archiving.ts';
import type { Task } from '../../protocol/task.ts';
import { absentInputs } from '../../protocol/task-input.ts';
import type { TaskFields } from '../http/task-api.ts';
import { changedFields, isSame } from './task-changes.ts';

/**
 * How a write went. `conflict`: nothing was written, because somebody else has changed what the user was about to
 * replace; `gone`: there is no such task any more, which is how a deletion ends too.
 */
export type TaskWriteOutcome =
  | { readonly kind: 'done'; readonly task: Task }
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'conflict';
      /** What the task is now. */
      readonly current: Task;
      /** What the user wanted to set; undefined for a deletion. */
      readonly mine: TaskFields | undefined;
      /** Writes it all the same, over `current` and nothing else. */
      readonly keepMine: () => Promise<TaskWriteOutcome>;
    };

/** A write of the user that the server has not confirmed. */
export interface PendingWrite {
  readonly kind: 'create' | 'update' | 'remove';
  readonly fields: TaskFields;
  /** Idempotency key of the creation. */
  readonly key: string;
  /** What its request is called, and so the event that tells of it. */
  readonly correlationId: string;
  /** The task as its user saw it who decided on it; with what the user's earlier writes did, and without. */
  readonly seen: Set<Task>;
  /** What its caller waits for. The library of ES2022, which consumers may compile with, has no type for it. */
  readonly outcome: {
    readonly promise: Promise<TaskWriteOutcome>;
    readonly resolve: (outcome: TaskWriteOutcome) => void;
    readonly reject: (error: unknown) => void;
  };
  /** Of a creation: the task of a load that looks like what it has made, and is not shown beside it. */
  loadedAs?: number | undefined;
}

/** A task with what a pending write makes of it; undefined where there is none. */
export function withWrite(
  task: Task | undefined,
  id: number,
  { kind, fields }: PendingWrite,
): Task | undefined {
  if (kind === 'create') return { ...newTask(id), ...withArchiving(fields, absentInputs.status) };
  if (kind === 'remove' || task === undefined) return undefined;
  return { ...task, ...withArchiving(fields, task.status) };
}

/** Whether somebody else has changed what a write would replace, and not to what it would be. */
export function isConflict({ kind, fields, seen }: PendingWrite, current: Task): boolean {
  const wanted: Partial<Task> = withArchiving(fields, current.status);
  const [any] = seen;
  const replaced = kind === 'remove' ? changedFields(any!, current) : (Object.keys(wanted) as (keyof Task)[]);
  return replaced.some(
    (name) =>
      !(name in wanted && isSame(wanted[name], current[name])) &&
      ![...seen].some((task) => isSame(task[name], current[name])),
  );
}

/** A task that nobody has answered for. */
function newTask(id: number): Task {
  return {
    id,
    name: '',
    ...absentInputs,
    created_by: null,
    created_at: null,
    updated_at: null,
    updated_by: null,
    version: 0,
  };
}
