import type { Task } from '../../protocol/task.ts';
import { taskStatuses, visibilities } from '../../protocol/task.ts';
import { isUserId } from '../subscription/principal.ts';
import { isAtMost, isVisible } from './text.ts';

/** Gives the value of an attribute that anybody may have written, or nothing where it is of another kind. */
type Reader<Value> = (value: unknown) => Value | undefined;

/** What a client may set a field to. */
interface InputRule {
  /** Takes a value that the reader has taken. */
  readonly accepts: (value: never) => boolean;
  /** What it must be, for the error message. */
  readonly rule: string;
}

/** All there is to say about a field of a task. */
interface Field<Value> {
  readonly read: Reader<Value>;
  /** Its value where an item, or the one who creates the task, does not say. Without it an item cannot be read. */
  readonly absent?: Value;
  /** Undefined for a field that no client sets. */
  readonly input?: InputRule;
  /** Whether whoever creates a task must say it. */
  readonly required?: true;
}

const longestName = 200;
const longestDescription = 10_000;
const mostAssignees = 50;
const highestPriority = 100;

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

/** Whether a text has no halves of surrogate pairs, which UTF-8, and so DynamoDB, cannot hold, and is not too long. */
const isText = (value: string, most: number): boolean => value.isWellFormed() && isAtMost(value, most);

const anyOf = (values: readonly string[]): InputRule => ({
  accepts: () => true,
  rule: `one of ${values.join(', ')}`,
});
const anyFlag: InputRule = { accepts: () => true, rule: 'true or false' };

/** The fields of a task, in the order of its JSON. */
export const taskFields: { readonly [Name in keyof Task]: Field<Task[Name]> } = {
  id: { read: (value) => (isTaskId(value) ? value : undefined) },
  name: {
    read: text,
    absent: '',
    input: {
      accepts: (value: string) => isVisible(value) && isText(value, longestName),
      rule: `a string of 1 to ${longestName} characters, one of them visible`,
    },
    required: true,
  },
  description: {
    read: textOrNull,
    absent: null,
    input: {
      accepts: (value: string | null) => value === null || isText(value, longestDescription),
      rule: `a string of at most ${longestDescription} characters, or null`,
    },
  },
  status: { read: oneOf(taskStatuses), absent: 'inbox', input: anyOf(taskStatuses) },
  priority: {
    read: integer,
    absent: 0,
    input: {
      accepts: (value: number) => value >= 0 && value <= highestPriority,
      rule: `a whole number from 0 to ${highestPriority}`,
    },
  },
  blocked: { read: flag, absent: false, input: anyFlag },
  assigned_to_agent: { read: flag, absent: false, input: anyFlag },
  archived: { read: flag, absent: false, input: anyFlag },
  created_by: { read: textOrNull, absent: null },
  assignees: {
    read: users,
    absent: [],
    input: {
      accepts: (value: readonly string[]) => value.length <= mostAssignees,
      rule: `a list of at most ${mostAssignees} user ids`,
    },
  },
  visibility: { read: oneOf(visibilities), absent: 'workspace', input: anyOf(visibilities) },
  created_at: { read: textOrNull, absent: null },
  updated_at: { read: textOrNull, absent: null },
  updated_by: { read: textOrNull, absent: null },
  version: { read: integer, absent: 0 },
};

/** Whether a value is a task id: a safe integer from 1. */
export function isTaskId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
