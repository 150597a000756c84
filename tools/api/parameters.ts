import { taskEventTypes } from '../../protocol/events.ts';
import * as headerNames from '../../protocol/headers.ts';
import type { eventsParameters, listParameters, streamParameters } from '../../protocol/parameters.ts';
import {
  highestLimit,
  historyOrders,
  leaseSeconds,
  mostFilterTasks,
  usualEventsLimit,
} from '../../protocol/parameters.ts';
import {
  correlationIdPattern,
  idempotencyKeyPattern,
  isoTimePattern,
  millisecondsPattern,
} from '../../protocol/patterns.ts';
import { taskStatuses } from '../../protocol/task.ts';
import type { Schema } from './schema.ts';
import { opaque, oneOf, ref, textLike } from './schema.ts';

/** A parameter of a query or a header of a request. Nobody has to send any. */
export interface Parameter {
  readonly schema: Schema;
  readonly description: string;
  readonly example?: unknown;
}

/** The parameters of a query by their names: those that a reader of `protocol/parameters.ts` knows, and no others. */
type ParametersOf<Names extends readonly string[]> = { readonly [Name in Names[number]]: Parameter };

const listOf = (items: Schema): Schema => ({ type: 'array', items, minItems: 1 });

/** A time of a query. Milliseconds are digits; which of both it is shows in the text. */
const time: Schema = {
  type: 'string',
  anyOf: [textLike(isoTimePattern), textLike(millisecondsPattern)],
};

const limit = (usual: number): Parameter => ({
  schema: { type: 'integer', minimum: 1, maximum: highestLimit, default: usual },
  description: 'How many a page holds at the most; it may be shorter, even empty, and have a next one.',
});

const pageCursor: Parameter = {
  schema: opaque,
  description: 'The `nextCursor` of the page before, unchanged; the other parameters stay as they were.',
};

const types: Parameter = {
  schema: listOf(oneOf(taskEventTypes)),
  description: 'Types of task events, with commas between them: no others are told.',
  example: ['task.created', 'task.deleted'],
};

const filter = {
  tasks: {
    schema: { ...listOf(ref('TaskId')), maxItems: mostFilterTasks },
    description: `Ids of tasks, with commas between them; at most ${mostFilterTasks} different ones.`,
    example: [7, 9],
  },
  status: {
    schema: listOf(oneOf(taskStatuses)),
    description: 'Statuses of tasks, with commas between them.',
    example: ['in_progress', 'in_review'],
  },
  assigned_to_agent: {
    schema: { type: 'boolean' },
    description: 'Only tasks that are assigned to an agent, or only those that are not.',
  },
} as const satisfies Record<string, Parameter>;

export const listQuery: ParametersOf<typeof listParameters> = {
  ...filter,
  archived: { schema: { type: 'boolean' }, description: 'Only tasks that are put away, or only the others.' },
  limit: limit(highestLimit),
  cursor: pageCursor,
};

export const eventsQuery: ParametersOf<typeof eventsParameters> = {
  since: {
    schema: time,
    description: 'Nothing that was logged before; ISO 8601 with a zone, or milliseconds since 1970.',
    example: '2026-11-27T12:00:00Z',
  },
  types,
  ...filter,
  order: {
    schema: { ...oneOf(historyOrders), default: historyOrders[0] },
    description: 'Which comes first.',
  },
  limit: limit(usualEventsLimit),
  cursor: pageCursor,
};

/** Tokens and tickets are security schemes of their own. */
export const streamQuery: Omit<ParametersOf<typeof streamParameters>, 'token' | 'ticket'> = {
  lastEventId: {
    schema: opaque,
    description: 'Resume after this cursor. The header Last-Event-ID wins.',
  },
  since: {
    schema: { ...time, anyOf: [...(time['anyOf'] as Schema[]), opaque] },
    description:
      'A time: the stream begins with what was logged from then on. A cursor here is as `lastEventId`.',
    example: '2026-11-27T12:00:00Z',
  },
  named: {
    schema: { type: 'boolean', default: false },
    description: 'Whether events about tasks and users carry `event: <type>`, for addEventListener.',
  },
  events: types,
  ...filter,
  presence: {
    schema: { type: 'boolean', default: false },
    description: 'Whether the stream tells who is there and who types, too.',
  },
  lease: {
    schema: { type: 'integer', minimum: leaseSeconds.least, maximum: leaseSeconds.most },
    description: 'The stream ends after so many seconds unless the client renews it.',
  },
};

/** The headers of requests, by their names here. */
export const requestHeaders = {
  'If-Match': {
    schema: { type: 'string' },
    description: 'The versions of the task that the write is meant for, as entity tags (RFC 9110), or `*`.',
    example: '"3"',
  },
  'Idempotency-Key': {
    schema: textLike(idempotencyKeyPattern),
    description: 'The same key, user and request within 24 h gives the first answer again.',
  },
  'Last-Event-ID': {
    schema: opaque,
    description: 'The cursor of an EventSource that comes back by itself.',
  },
  [headerNames.errorsHeader]: {
    schema: oneOf(['status']),
    description:
      'For clients that are not EventSource: trouble that will pass is answered with its status, not with 200 and `end`.',
  },
  'X-Correlation-Id': {
    schema: { type: 'string' },
    description:
      'What the request is called in logs and events: 1 to 64 letters, digits and `+/=._:-`. Another one is replaced.',
  },
} as const satisfies Record<string, Parameter>;

export type RequestHeader = keyof typeof requestHeaders;

/** The headers of answers. */
export const answerHeaders = {
  ETag: {
    schema: { type: 'string', pattern: '^"-?[0-9]+"$' },
    description: 'The version of the task.',
    example: '"3"',
  },
  Location: { schema: { type: 'string' }, description: 'The path of the task.', example: '/tasks/7' },
  'Idempotency-Replayed': {
    schema: oneOf(['true']),
    description: 'There where the answer is that to an earlier request with the same key.',
  },
  'Retry-After': {
    schema: { type: 'string', pattern: '^[0-9]+$' },
    description: 'When it may be worth to try again, seconds.',
  },
  Allow: { schema: { type: 'string' }, description: 'The methods that work at the path.' },
  'X-Correlation-Id': {
    schema: textLike(correlationIdPattern),
    description: 'What the request is called in logs and events.',
  },
  'Cache-Control': {
    schema: { type: 'string', pattern: 'no-store' },
    description: 'No cache keeps an answer.',
  },
} as const satisfies Record<string, Parameter>;

export type AnswerHeader = keyof typeof answerHeaders;
