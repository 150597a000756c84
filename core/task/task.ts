import { isUserId } from '../subscription/principal.ts';

/** The columns of the board, in their order. */
export const TASK_STATUSES = ['inbox', 'up_next', 'in_progress', 'in_review', 'done', 'archived'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** `workspace`: every member sees the task; `private`: its creator, its assignees and admins. */
export const VISIBILITIES = ['workspace', 'private'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** A task as clients see it; the field order is the order in its JSON. Times are ISO 8601 UTC. */
export interface Task {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly status: TaskStatus;
  readonly priority: number;
  readonly blocked: boolean;
  readonly assigned_to_agent: boolean;
  /** Whether the task is put away; always with the status `archived`. With another one that is where it was, and goes back. */
  readonly archived: boolean;
  readonly created_by: string | null;
  readonly assignees: readonly string[];
  readonly visibility: Visibility;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  /** The user who wrote it last over the API; a script may have written it since. */
  readonly updated_by: string | null;
  readonly version: number;
}

type Reader<T> = (value: unknown) => T | undefined;

const text: Reader<string> = (value) => (typeof value === 'string' ? value : undefined);
const textOrNull: Reader<string | null> = (value) => (value === null ? null : text(value));
const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
const integer: Reader<number> = (value) => (Number.isSafeInteger(value) ? (value as number) : undefined);
const oneOf =
  <T extends string>(allowed: readonly T[]): Reader<T> =>
  (value) =>
    allowed.find((each) => each === value);

const users: Reader<readonly string[]> = (value) => {
  const list = value instanceof Set ? [...(value as Set<unknown>)] : value;
  return Array.isArray(list) && list.every(isUserId) ? list : undefined;
};

const FIELDS: { readonly [Field in keyof Task]: { read: Reader<Task[Field]>; absent?: Task[Field] } } = {
  id: { read: (value) => (isTaskId(value) ? value : undefined) },
  name: { read: text, absent: '' },
  description: { read: textOrNull, absent: null },
  status: { read: oneOf(TASK_STATUSES), absent: 'inbox' },
  priority: { read: integer, absent: 0 },
  blocked: { read: flag, absent: false },
  assigned_to_agent: { read: flag, absent: false },
  archived: { read: flag, absent: false },
  created_by: { read: textOrNull, absent: null },
  assignees: { read: users, absent: [] },
  visibility: { read: oneOf(VISIBILITIES), absent: 'workspace' },
  created_at: { read: textOrNull, absent: null },
  updated_at: { read: textOrNull, absent: null },
  updated_by: { read: textOrNull, absent: null },
  version: { read: integer, absent: 0 },
};

/** Whether a value is a task id: a safe integer from 1. */
export function isTaskId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/**
 * Reads a task from a table item that anyone may have written: the API, a script or the console.
 * Absent fields get their defaults and unknown ones are left out; a field of a wrong type makes the whole item
 * unreadable (undefined), because a guess about `visibility` or `assignees` could show it to the wrong user. An item of
 * the status `archived` is archived, whatever the flag says.
 */
export function readTask(item: Readonly<Record<string, unknown>>): Task | undefined {
  const task: Record<string, unknown> = {};
  for (const [field, { read, absent }] of Object.entries(FIELDS)) {
    const value = item[field] === undefined ? absent : (read as Reader<unknown>)(item[field]);
    if (value === undefined) return undefined;
    task[field] = value;
  }
  // Whoever wrote the status meant the flag as well.
  if (task['status'] === 'archived') task['archived'] = true;
  return task as unknown as Task;
}
