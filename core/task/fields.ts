import type { Rule } from '../../protocol/rule.ts';
import { absentInputs, taskInputs } from '../../protocol/task-input.ts';
import type { Task } from '../../protocol/task.ts';
import { taskStatuses, visibilities } from '../../protocol/task.ts';
import { isUserId } from '../subscription/principal.ts';

/** Gives the value of an attribute that anybody may have written, or nothing where it is of another kind. */
type Reader<Value> = (value: unknown) => Value | undefined;

/** All there is to say about a field of a task. */
interface Field<Value> {
  readonly read: Reader<Value>;
  /** Its value where an item, or the one who creates the task, does not say. Without it an item cannot be read. */
  readonly absent?: Value;
  /** What a client may set it to, of what the reader takes; undefined for a field that no client sets. */
  readonly input?: Rule;
}

const text: Reader<string> = (value) => (typeof value === 'string' ? value : undefined);
const textOrNull: Reader<string | null> = (value) => (value === null ? null : text(value));
const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
const integer: Reader<number> = (value) => (Number.isSafeInteger(value) ? (value as number) : undefined);
const oneOf =
  <Value extends string>(allowed: readonly Value[]): Reader<Value> =>
  (value) =>
    allowed.find((each) => each === value);

/** A list of users; DynamoDB gives a set of strings as a `Set`. */
const users: Reader<readonly string[]> = (value) => {
  const list = value instanceof Set ? [...(value as Set<unknown>)] : value;
  return Array.isArray(list) && list.every(isUserId) ? list : undefined;
};

/** The fields of a task, in the order of its JSON. */
export const taskFields: { readonly [Name in keyof Task]: Field<Task[Name]> } = {
  id: { read: (value) => (isTaskId(value) ? value : undefined) },
  name: { read: text, absent: '', input: taskInputs.name },
  description: { read: textOrNull, absent: absentInputs.description, input: taskInputs.description },
  status: { read: oneOf(taskStatuses), absent: absentInputs.status, input: taskInputs.status },
  priority: { read: integer, absent: absentInputs.priority, input: taskInputs.priority },
  blocked: { read: flag, absent: absentInputs.blocked, input: taskInputs.blocked },
  assigned_to_agent: {
    read: flag,
    absent: absentInputs.assigned_to_agent,
    input: taskInputs.assigned_to_agent,
  },
  archived: { read: flag, absent: absentInputs.archived, input: taskInputs.archived },
  created_by: { read: textOrNull, absent: null },
  assignees: { read: users, absent: absentInputs.assignees, input: taskInputs.assignees },
  visibility: { read: oneOf(visibilities), absent: absentInputs.visibility, input: taskInputs.visibility },
  created_at: { read: textOrNull, absent: null },
  updated_at: { read: textOrNull, absent: null },
  updated_by: { read: textOrNull, absent: null },
  version: { read: integer, absent: 0 },
};

/** Whether a value is a task id: a safe integer from 1. */
export function isTaskId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
