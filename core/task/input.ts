import * as z from 'zod/mini';
import { isUserId } from '../subscription/principal.ts';
import type { Task, TaskStatus } from '../../protocol/task.ts';
import { TASK_STATUSES, VISIBILITIES } from '../../protocol/task.ts';
import { isAtMost, isVisible } from './text.ts';

/** The fields of a task that clients set. */
export type TaskInput = Omit<
  Task,
  'id' | 'created_by' | 'created_at' | 'updated_at' | 'updated_by' | 'version'
>;

/** What is wrong with an input, in words for the client. */
export interface InputFault {
  readonly code: 'invalid_field' | 'unknown_field';
  readonly message: string;
}

const LONGEST_NAME = 200;
const LONGEST_DESCRIPTION = 10_000;
const MOST_ASSIGNEES = 50;
const HIGHEST_PRIORITY = 100;

/** A string without halves of surrogate pairs: DynamoDB stores UTF-8. */
const text = (most: number, isFine: (value: string) => boolean = () => true) =>
  z.string().check(z.refine((value) => value.isWellFormed() && isFine(value) && isAtMost(value, most)));

const FIELDS = {
  name: text(LONGEST_NAME, isVisible),
  description: z.nullable(text(LONGEST_DESCRIPTION)),
  status: z.enum(TASK_STATUSES),
  priority: z.int().check(z.minimum(0), z.maximum(HIGHEST_PRIORITY)),
  blocked: z.boolean(),
  assigned_to_agent: z.boolean(),
  archived: z.boolean(),
  assignees: z.array(z.string().check(z.refine(isUserId))).check(z.maxLength(MOST_ASSIGNEES)),
  visibility: z.enum(VISIBILITIES),
};

/** What each field must be, for the error message. */
const RULES: Readonly<Record<keyof TaskInput, string>> = {
  name: `a string of 1 to ${LONGEST_NAME} characters, one of them visible`,
  description: `a string of at most ${LONGEST_DESCRIPTION} characters, or null`,
  status: `one of ${TASK_STATUSES.join(', ')}`,
  priority: `a whole number from 0 to ${HIGHEST_PRIORITY}`,
  blocked: 'true or false',
  assigned_to_agent: 'true or false',
  archived: 'true or false',
  assignees: `a list of at most ${MOST_ASSIGNEES} user ids`,
  visibility: `one of ${VISIBILITIES.join(', ')}`,
};

const DEFAULTS: Omit<TaskInput, 'name'> = {
  description: null,
  status: 'inbox',
  priority: 0,
  blocked: false,
  assigned_to_agent: false,
  archived: false,
  assignees: [],
  visibility: 'workspace',
};

const CREATE = z.strictObject({ ...z.partial(z.object(FIELDS)).shape, name: FIELDS.name });
const PATCH = z.partial(z.strictObject(FIELDS));

/** Reads the body of a create request; fields that are left out get their defaults. */
export function readCreate(body: unknown): { readonly input: TaskInput } | InputFault {
  const result = read(CREATE, body);
  if (!('input' in result)) return result;
  return { input: { ...DEFAULTS, ...withArchiving(result.input, DEFAULTS.status) } as TaskInput };
}

/** The column of a task that is taken out of the archive where none is said and it has kept none. */
const UNARCHIVED: TaskStatus = 'inbox';

/**
 * Makes status and flag of a change agree: who gives a task a column means it to be there, so only the column `archived`
 * leaves it archived, unless the change says so itself; and one that leaves the archive has a column again.
 * @param current the status of the task before.
 */
export function withArchiving(input: Partial<TaskInput>, current: TaskStatus): Partial<TaskInput> {
  const { status, archived } = input;
  if (status !== undefined && archived === undefined) return { ...input, archived: status === 'archived' };
  const leaves = archived === false && status === undefined && current === 'archived';
  return leaves ? { ...input, status: UNARCHIVED } : input;
}

/** Reads the body of a patch request: at least one field. */
export function readPatch(body: unknown): { readonly input: Partial<TaskInput> } | InputFault {
  const result = read(PATCH, body);
  if ('input' in result && Object.keys(result.input).length === 0) {
    return {
      code: 'invalid_field',
      message: `nothing to change: send at least one of ${Object.keys(RULES).join(', ')}`,
    };
  }
  return result;
}

function read(
  schema: typeof CREATE | typeof PATCH,
  body: unknown,
): { readonly input: Partial<TaskInput> } | InputFault {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { code: 'invalid_field', message: 'the body must be a JSON object with the fields of a task' };
  }
  // By own names, before the schema copies anything: `__proto__` is a name like any other here.
  const unknown = Object.keys(body).find((name) => !Object.hasOwn(RULES, name));
  if (unknown !== undefined) {
    const message = `unknown field "${unknown.slice(0, 64)}": a client may set ${Object.keys(RULES).join(', ')}`;
    return { code: 'unknown_field', message };
  }
  const { success, data, error } = schema.safeParse(body);
  if (success) {
    const input = data as Partial<TaskInput>;
    return contradictsItself(input)
      ? {
          code: 'invalid_field',
          message: '"archived" cannot be false with "status": "archived": send one of them',
        }
      : { input };
  }
  const field = error.issues[0]!.path[0] as keyof TaskInput;
  return { code: 'invalid_field', message: `"${field}" must be ${RULES[field]}` };
}

function contradictsItself({ status, archived }: Partial<TaskInput>): boolean {
  return status === 'archived' && archived === false;
}
