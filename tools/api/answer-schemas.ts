import type { presenceFields, typingFields } from '../../protocol/awareness.ts';
import { errorStatuses } from '../../protocol/errors.ts';
import type { ErrorBody, ErrorCode } from '../../protocol/errors.ts';
import { typingSchemas, viewFields } from './awareness-schemas.ts';
import type { Schema } from './schema.ts';
import { isoTime, objectOf, only, oneOf, opaque, ref } from './schema.ts';

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };

/** An error whose code is one of some. */
export function errorOf(codes: readonly ErrorCode[]): Schema {
  return objectOf<ErrorBody>({
    error: { ...text, description: 'What is wrong and what to do; for people.' },
    code: { ...oneOf(codes), description: 'Stable; for programs.' },
  });
}

/** The bodies of answers. */
export const answerSchemas: Readonly<Record<string, Schema>> = {
  Error: errorOf(Object.keys(errorStatuses) as ErrorCode[]),
  TaskAnswer: objectOf<{ task: unknown }>({ task: ref('Task') }),
  TaskList: objectOf<{ tasks: unknown; nextCursor?: unknown; streamCursor?: unknown }>(
    {
      tasks: { type: 'array', items: ref('Task') },
      nextCursor: { ...opaque, description: 'There where there may be more.' },
      streamCursor: { ...opaque, description: 'On the first page: where a stream continues the list.' },
    },
    ['nextCursor', 'streamCursor'],
  ),
  Deleted: objectOf<{ success: unknown; message: unknown }>({
    success: only(true),
    message: only('Task deleted'),
  }),
  EventList: eventList(),
  ViewerList: objectOf<{ viewers: unknown }>({ viewers: { type: 'array', items: ref('Viewer') } }),
  Done: objectOf<{ success: unknown }>({ success: only(true) }),
  Stats: objectOf<{ totalConnections: unknown; connections: unknown }>({
    totalConnections: count,
    connections: {
      type: 'array',
      items: objectOf<{ id: unknown; userId: unknown; connectedAt: unknown; duration: unknown }>({
        id: ref('ConnectionId'),
        userId: ref('UserId'),
        connectedAt: { ...count, description: 'Milliseconds since 1970.' },
        duration: { ...count, description: 'Milliseconds.' },
      }),
    },
  }),
  Ticket: objectOf<{ ticket: unknown; expiresAt: unknown }>({ ticket: opaque, expiresAt: isoTime }),
  Lease: objectOf<{ connectionId: unknown; lease: unknown; expiresAt: unknown }>({
    connectionId: ref('ConnectionId'),
    lease: { ...count, description: 'Seconds.' },
    expiresAt: isoTime,
  }),
  Revocation: objectOf<{ userId: unknown; notBefore: unknown; connectionsEnded: unknown }>({
    userId: ref('UserId'),
    notBefore: { ...isoTime, description: 'Tokens that were issued up to then are refused.' },
    connectionsEnded: count,
  }),
};

const token: Schema = { ...text, description: 'The token, where no `Authorization` header can be sent.' };

/**
 * Bodies of requests about streams and users. What else is in those about streams is not read, so that a beacon can carry
 * what its page likes.
 */
export const requestSchemas: Readonly<Record<string, Schema>> = {
  ConnectionRequest: {
    type: 'object',
    properties: { connectionId: ref('ConnectionId'), token },
    required: ['connectionId'],
  },
  RevocationRequest: {
    type: 'object',
    properties: { userId: ref('UserId') },
    required: ['userId'],
  },
  PresenceRequest: objectOf<Partial<Record<(typeof presenceFields)[number] | 'token', unknown>>>(
    { ...viewFields, token },
    ['taskId', 'lease', 'token'],
  ),
  TypingRequest: objectOf<Partial<Record<(typeof typingFields)[number], unknown>>>(typingSchemas, ['typing']),
};

function eventList(): Schema {
  type Fields = 'events' | 'complete' | 'reason' | 'nextCursor' | 'streamCursor';
  const list = objectOf<Partial<Record<Fields, unknown>>>(
    {
      events: { type: 'array', items: ref('TaskEvent') },
      complete: { type: 'boolean', description: 'Whether nothing is missing in this page.' },
      reason: ref('ResumeReason'),
      nextCursor: opaque,
      streamCursor: opaque,
    },
    ['reason', 'nextCursor', 'streamCursor'],
  );
  const isWhole = { properties: { complete: only(true) }, not: { required: ['reason'] } };
  const lacksSome = { properties: { complete: only(false) }, required: ['reason'] };
  return { ...list, oneOf: [isWhole, lacksSome] };
}
