import { TASK_STATUSES, VISIBILITIES } from '../../protocol/task.ts';
import type { Task } from '../../protocol/task.ts';
import { isUserId } from '../subscription/principal.ts';

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
