import { paths } from '../../protocol/routes.ts';
import type { taskRoutes } from '../../protocol/routes.ts';
import type { Task } from '../../protocol/task.ts';
import type { Operation, Operations } from './operation.ts';
import { eventsQuery, listQuery } from './parameters.ts';
import { ref } from './schema.ts';

/** Codes of any request with a JSON body. */
export const bodyErrors = [
  'invalid_json',
  'invalid_field',
  'payload_too_large',
  'unsupported_media_type',
] as const;

const time = '2026-11-27T12:00:00.000Z';

export const exampleTask: Task = {
  id: 7,
  name: 'Review the draft',
  description: null,
  status: 'in_progress',
  priority: 2,
  blocked: false,
  assigned_to_agent: true,
  archived: false,
  created_by: 'alice',
  assignees: ['bob'],
  visibility: 'workspace',
  created_at: time,
  updated_at: time,
  updated_by: 'alice',
  version: 3,
};

export const exampleCursor = '0123456789abcdef.12.0.1.AbCdEfGhIjKlMnOp.AbCdEfGhIjKlMnOpQrStUv';

const create: Operation = {
  id: 'createTask',
  tag: 'tasks',
  summary: 'Creates a task.',
  headers: ['Idempotency-Key'],
  body: { schema: ref('NewTask'), example: { name: 'Review the draft', status: 'in_progress' } },
  answer: {
    status: 201,
    description: 'The task.',
    schema: ref('TaskAnswer'),
    headers: ['ETag', 'Location'],
    mayHave: ['Idempotency-Replayed'],
    example: { task: { ...exampleTask, version: 1 } },
  },
  errors: [...bodyErrors, 'unknown_field', 'invalid_header', 'idempotency_key_reused', 'conflict'],
};

const list: Operation = {
  id: 'listTasks',
  tag: 'tasks',
  summary: 'Lists the tasks that the caller may see, in order of id.',
  query: listQuery,
  answer: {
    status: 200,
    description: 'A page of tasks.',
    schema: ref('TaskList'),
    example: { tasks: [exampleTask], streamCursor: exampleCursor },
  },
  errors: ['invalid_parameter', 'invalid_cursor'],
};

const get: Operation = {
  id: 'getTask',
  tag: 'tasks',
  summary: 'Reads a task.',
  answer: {
    status: 200,
    description: 'The task.',
    schema: ref('TaskAnswer'),
    headers: ['ETag'],
    example: { task: exampleTask },
  },
  errors: ['invalid_task_id', 'task_not_found'],
};

const patch: Operation = {
  id: 'changeTask',
  tag: 'tasks',
  summary: 'Changes fields of a task.',
  description: 'Who is neither its creator nor an admin changes neither `visibility` nor `assignees`.',
  headers: ['If-Match', 'Idempotency-Key'],
  body: { schema: ref('TaskPatch'), example: { status: 'done' } },
  answer: {
    status: 200,
    description: 'The task as it is now.',
    schema: ref('TaskAnswer'),
    headers: ['ETag'],
    mayHave: ['Idempotency-Replayed'],
    example: { task: { ...exampleTask, status: 'done', version: 4 } },
  },
  errors: [
    ...bodyErrors,
    'unknown_field',
    'invalid_task_id',
    'invalid_header',
    'forbidden',
    'task_not_found',
    'idempotency_key_reused',
    'conflict',
    'version_mismatch',
  ],
};

const remove: Operation = {
  id: 'deleteTask',
  tag: 'tasks',
  summary: 'Deletes a task.',
  headers: ['If-Match'],
  answer: {
    status: 200,
    description: 'It is gone.',
    schema: ref('Deleted'),
    example: { success: true, message: 'Task deleted' },
  },
  errors: ['invalid_task_id', 'invalid_header', 'task_not_found', 'conflict', 'version_mismatch'],
};

const history: Operation = {
  id: 'listEvents',
  tag: 'history',
  summary: 'Lists what was told of tasks in the past, as far back as the log is kept.',
  query: eventsQuery,
  answer: {
    status: 200,
    description: 'A page of events, each as a stream would have told it.',
    schema: ref('EventList'),
    example: {
      events: [{ type: 'task.deleted', taskId: 7, timestamp: time }],
      complete: true,
      streamCursor: exampleCursor,
    },
  },
  errors: ['invalid_parameter', 'invalid_cursor'],
};

/** What is done with tasks. */
export const taskOperations: Operations<typeof taskRoutes> = {
  [paths.tasks]: { GET: list, POST: create },
  [paths.task]: { GET: get, PATCH: patch, DELETE: remove },
  [paths.events]: { GET: history },
};
