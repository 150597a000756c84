import { withArchiving } from '../../protocol/archiving.ts';
import type { TaskInput } from '../../protocol/task-input.ts';
import { requiredInputs } from '../../protocol/task-input.ts';
import type { Task } from '../../protocol/task.ts';
import { taskFields } from './fields.ts';
import { inWords, keeps } from './rule.ts';

export type { TaskInput };

/** What is wrong with an input, in words for the client. */
export interface InputFault {
  readonly code: 'invalid_field' | 'unknown_field';
  readonly message: string;
}

/** The names of the fields that clients set. */
const inputNames = (Object.keys(taskFields) as (keyof Task)[]).filter(
  (name): name is keyof TaskInput => taskFields[name].input !== undefined,
);

/** What a task has where whoever creates it does not say. */
const absentFields = Object.fromEntries(
  inputNames.map((name) => [name, taskFields[name].absent]),
) as unknown as TaskInput;

/** Reads the body of a create request; fields that are left out get their defaults. */
export function readCreate(body: unknown): { readonly input: TaskInput } | InputFault {
  const result = read(body, true);
  if (!('input' in result)) return result;
  return { input: { ...absentFields, ...withArchiving(result.input, absentFields.status) } };
}

/** Reads the body of a patch request: at least one field. */
export function readPatch(body: unknown): { readonly input: Partial<TaskInput> } | InputFault {
  const result = read(body, false);
  if ('input' in result && Object.keys(result.input).length === 0) {
    return {
      code: 'invalid_field',
      message: `nothing to change: send at least one of ${inputNames.join(', ')}`,
    };
  }
  return result;
}

/** @param isNew whether the fields that a task must have must be there. */
function read(body: unknown, isNew: boolean): { readonly input: Partial<TaskInput> } | InputFault {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { code: 'invalid_field', message: 'the body must be a JSON object with the fields of a task' };
  }
  const input: Record<string, unknown> = {};
  // By own names: `__proto__` is a name like any other here.
  const given = new Map(Object.entries(body));
  const unknown = [...given.keys()].find((name) => !inputNames.some((known) => known === name));
  if (unknown !== undefined) {
    const message = `unknown field "${unknown.slice(0, 64)}": a client may set ${inputNames.join(', ')}`;
    return { code: 'unknown_field', message };
  }
  for (const name of inputNames) {
    const { read: take, input: rule } = taskFields[name];
    if (!given.has(name) && !(isNew && requiredInputs.includes(name))) continue;
    const value = take(given.get(name));
    if (value === undefined || !keeps(rule!, value)) return faultOf(name);
    input[name] = value;
  }
  if (contradictsItself(input)) {
    const message = '"archived" cannot be false with "status": "archived": send one of them';
    return { code: 'invalid_field', message };
  }
  return { input };
}

function faultOf(name: keyof TaskInput): InputFault {
  return { code: 'invalid_field', message: `"${name}" must be ${inWords(taskFields[name].input!)}` };
}

function contradictsItself({ status, archived }: Partial<TaskInput>): boolean {
  return status === 'archived' && archived === false;
}
