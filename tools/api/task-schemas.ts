import { userIdPattern } from '../../protocol/patterns.ts';
import type { TaskInput } from '../../protocol/task-input.ts';
import { absentInputs, requiredInputs, taskInputs } from '../../protocol/task-input.ts';
import type { Task } from '../../protocol/task.ts';
import { taskStatuses, visibilities } from '../../protocol/task.ts';
import type { Schema } from './schema.ts';
import { objectOf, oneOf, ref, schemaOf, textLike } from './schema.ts';

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const rawTime: Schema = {
  type: ['string', 'null'],
  description:
    'ISO 8601 in UTC with milliseconds; null, or any other text, only where a script wrote the task.',
};
const user: Schema = { type: ['string', 'null'] };

/** A task as clients get it. Its bounds are not those of an input: a script may have written it past the API. */
const task = objectOf<Task>({
  id: ref('TaskId'),
  name: text,
  description: { type: ['string', 'null'] },
  status: ref('TaskStatus'),
  priority: { type: 'integer' },
  blocked: flag,
  assigned_to_agent: flag,
  archived: { ...flag, description: 'Whether the task is put away; always with the status "archived".' },
  created_by: user,
  assignees: { type: 'array', items: ref('UserId') },
  visibility: oneOf(visibilities),
  created_at: rawTime,
  updated_at: rawTime,
  updated_by: user,
  version: { type: 'integer' },
});

const inputs = Object.entries(taskInputs);

const contradiction: Schema = {
  description: 'A task of the status "archived" is archived.',
  not: {
    properties: { status: { const: 'archived' }, archived: { const: false } },
    required: ['status', 'archived'],
  },
};

function inputSchema(extend: (name: keyof TaskInput) => Schema, more: Schema): Schema {
  const properties = Object.fromEntries(
    inputs.map(([name, rule]) => [name, { ...schemaOf(rule), ...extend(name as keyof TaskInput) }]),
  );
  return { type: 'object', properties, ...more, additionalProperties: false, ...contradiction };
}

/** Tasks, and what is sent to write them. */
export const taskSchemas: Readonly<Record<string, Schema>> = {
  TaskId: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
  UserId: textLike(userIdPattern),
  TaskStatus: oneOf(taskStatuses),
  Task: task,
  NewTask: inputSchema((name) => (name === 'name' ? {} : { default: absentInputs[name] }), {
    required: requiredInputs,
  }),
  TaskPatch: inputSchema(() => ({}), { minProperties: 1 }),
};
