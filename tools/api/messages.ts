import type { AwarenessType } from '../../protocol/awareness.ts';
import { awarenessTypes } from '../../protocol/awareness.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { TaskEventType } from '../../protocol/events.ts';
import { taskEventTypes } from '../../protocol/events.ts';
import type { ControlFrame } from '../../protocol/frames.ts';
import { controlFrames, establishedType } from '../../protocol/frames.ts';
import type { socketFrames } from '../../protocol/web-socket.ts';
import { longestSubscription } from '../../protocol/web-socket.ts';
import { errorOf } from './answer-schemas.ts';
import { awarenessSchemaNames } from './awareness-schemas.ts';
import { eventSchemaNames } from './event-schemas.ts';
import type { Schema } from './schema.ts';
import { objectOf, only, opaque, ref } from './schema.ts';

/** A message of the document. */
export interface Message {
  readonly summary: string;
  /** The fields of a frame of a stream besides its data. */
  readonly headers?: Schema;
  readonly payload: Schema;
}

export type Messages = Readonly<Record<string, Message>>;

type UnnamedFrame = typeof establishedType | TaskEventType | AwarenessType;
type SocketOnlyFrame = (typeof socketFrames)[number];

/** Codes of what a server says to a message that it does not understand, or cannot answer now. */
export const socketErrors: readonly ErrorCode[] = [
  'invalid_json',
  'invalid_field',
  'unknown_field',
  'invalid_parameter',
  'task_not_found',
  'subscription_unknown',
  'conflict',
  'throttled',
  'internal',
  'unavailable',
];

/** What is said of a frame. */
interface FrameEntry {
  readonly summary: string;
  readonly data: Schema;
  /** Whether it has a place in the log, on a WebSocket. */
  readonly isPlaced: boolean | 'sometimes';
}

/** Each frame that streams and WebSockets have: one that is new in `protocol/` does not compile until it is here. */
const frames: Readonly<Record<UnnamedFrame | ControlFrame, FrameEntry>> = {
  [establishedType]: {
    summary: 'The first frame: the stream is open.',
    data: ref('Established'),
    isPlaced: true,
  },
  'task.created': {
    summary: 'A task is new, or new to this client.',
    data: ref(eventSchemaNames['task.created']),
    isPlaced: true,
  },
  'task.updated': {
    summary: 'A task has changed.',
    data: ref(eventSchemaNames['task.updated']),
    isPlaced: true,
  },
  'task.status_changed': {
    summary: 'A task has another status; its `task.updated` follows.',
    data: ref(eventSchemaNames['task.status_changed']),
    isPlaced: true,
  },
  'task.deleted': {
    summary: 'A task is gone, or gone for this client.',
    data: ref(eventSchemaNames['task.deleted']),
    isPlaced: true,
  },
  'presence.snapshot': {
    summary: 'Who is there: takes the place of whatever was told before. A long list comes in more than one.',
    data: ref(awarenessSchemaNames['presence.snapshot']),
    isPlaced: false,
  },
  'presence.joined': {
    summary: 'A user is there.',
    data: ref(awarenessSchemaNames['presence.joined']),
    isPlaced: false,
  },
  'presence.updated': {
    summary: 'A user is seen in another way, or at other tasks.',
    data: ref(awarenessSchemaNames['presence.updated']),
    isPlaced: false,
  },
  'presence.left': {
    summary: 'A user has gone.',
    data: ref(awarenessSchemaNames['presence.left']),
    isPlaced: false,
  },
  'typing.started': {
    summary: 'Another user types at a task.',
    data: ref(awarenessSchemaNames['typing.started']),
    isPlaced: false,
  },
  'typing.stopped': {
    summary: 'Another user has stopped typing: said, or ended by itself.',
    data: ref(awarenessSchemaNames['typing.stopped']),
    isPlaced: false,
  },
  resume: {
    summary: 'Whether it goes on where the cursor was; where not, the client loads everything again.',
    data: ref('Resume'),
    isPlaced: true,
  },
  ping: { summary: 'The connection is alive.', data: ref('Ping'), isPlaced: 'sometimes' },
  handover: {
    summary: 'The connection is going to end: its client may open the next one first.',
    data: ref('Handover'),
    isPlaced: false,
  },
  end: { summary: 'The last frame.', data: ref('End'), isPlaced: false },
};

const unnamedFrames: readonly UnnamedFrame[] = [establishedType, ...taskEventTypes, ...awarenessTypes];

/**
 * The fields of a frame of a stream: a name where it has one, and an id but for an `end` in place of a stream. Those about
 * other users never have one: they leave the client's cursor as it is.
 */
function frameFields(name: UnnamedFrame | ControlFrame): Schema {
  const isControl = controlFrames.some((each) => each === name);
  const isOfUsers = awarenessTypes.some((each) => each === name);
  const canBeNamed = isControl || name !== establishedType;
  const fields = {
    ...(!isOfUsers && { id: { ...opaque, description: 'The cursor.' } }),
    ...(canBeNamed && { event: only(name) }),
    ...((name === establishedType || name === 'end') && {
      retry: {
        type: 'integer',
        minimum: 0,
        description: 'How long EventSource waits before it reconnects, milliseconds.',
      },
    }),
  };
  const required = [...(name === 'end' || isOfUsers ? [] : ['id']), ...(isControl ? ['event'] : [])];
  return {
    type: 'object',
    properties: fields,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** The frames of a stream. */
export const streamMessages: Messages = Object.fromEntries(
  [...unnamedFrames, ...controlFrames].map((name) => {
    const { summary, data } = frames[name];
    return [name, { summary, headers: frameFields(name), payload: data }];
  }),
);

const subscription: Schema = { type: 'string', maxLength: longestSubscription };

/** A frame that has a place in the log. */
const placed = (event: string, data: Schema): Schema =>
  objectOf<{
    subscription?: unknown;
    id: unknown;
    event: unknown;
    log: unknown;
    place: unknown;
    after?: unknown;
    given?: unknown;
    data: unknown;
  }>(
    {
      subscription,
      id: { ...opaque, description: 'The cursor.' },
      event: only(event),
      log: {
        type: 'string',
        pattern: '^[0-9a-f]{16}$',
        description: 'Identity of the log: places of two logs cannot be compared.',
      },
      place: { ...ref('Place'), description: 'Where the client is after it.' },
      after: {
        ...ref('Place'),
        description:
          'The earliest place from which nothing is missed before it; without it the client is put to `place`.',
      },
      given: {
        type: 'string',
        description: 'The cursor that the client gave, where it cannot go on from there.',
      },
      data,
    },
    ['subscription', 'after', 'given'],
  );

/** A frame that has none. */
const notice = (event: string, data: Schema): Schema =>
  objectOf<{ subscription?: unknown; event: unknown; data: unknown }>(
    { subscription, event: only(event), data },
    ['subscription'],
  );

const socketOnly: Readonly<Record<Exclude<SocketOnlyFrame, 'message'>, Message>> = {
  live: {
    summary: 'The end of an answer to `subscribe` and `resume`: all that was logged until now has been told.',
    payload: placed('live', ref('Ping')),
  },
  catching_up: {
    summary: 'The end of an answer that is not all: the client goes on with `resume`.',
    payload: placed('catching_up', objectOf<object>({})),
  },
  presence: {
    summary: 'The answer to `presence`.',
    payload: notice('presence', ref('PresenceNoted')),
  },
  typing: { summary: 'The answer to `typing`.', payload: notice('typing', ref('TypingNoted')) },
  error: {
    summary: 'A message was not understood, or cannot be answered now. It has changed nothing.',
    payload: notice('error', errorOf(socketErrors)),
  },
};

/** A frame of a stream as a WebSocket has it. */
function onSocket(name: UnnamedFrame | ControlFrame): Message {
  const { summary, data, isPlaced } = frames[name];
  const event = controlFrames.some((each) => each === name) ? name : 'message';
  if (isPlaced !== 'sometimes') return { summary, payload: (isPlaced ? placed : notice)(event, data) };
  return { summary, payload: { oneOf: [placed(event, data), notice(event, data)] } };
}

/** The frames of a WebSocket. */
export const socketMessages: Messages = {
  ...Object.fromEntries([...unnamedFrames, ...controlFrames].map((name) => [name, onSocket(name)])),
  ...socketOnly,
};

/** Schemas that only frames have. */
export const messageSchemas: Readonly<Record<string, Schema>> = {
  Place: {
    type: 'array',
    items: { type: 'integer', minimum: 0 },
    minItems: 3,
    maxItems: 3,
    description: 'Segment, change and frame: of two, the one with the first greater number is later.',
  },
};
