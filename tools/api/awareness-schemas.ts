import type {
  AwarenessType,
  PresenceChange,
  PresenceLeft,
  PresenceNoted,
  presenceFields,
  PresenceSnapshot,
  typingFields,
  TypingNoted,
  TypingStarted,
  TypingStopped,
  Viewer,
} from '../../protocol/awareness.ts';
import { usualPresenceSeconds, viewerStates, viewStates } from '../../protocol/awareness.ts';
import { leaseSeconds } from '../../protocol/parameters.ts';
import { viewIdPattern } from '../../protocol/patterns.ts';
import type { Schema } from './schema.ts';
import { isoTime, objectOf, only, oneOf, ref, textLike } from './schema.ts';

/** The name of the schema of each event about other users. */
export const awarenessSchemaNames = {
  'presence.snapshot': 'PresenceSnapshot',
  'presence.joined': 'PresenceJoined',
  'presence.updated': 'PresenceUpdated',
  'presence.left': 'PresenceLeft',
  'typing.started': 'TypingStarted',
  'typing.stopped': 'TypingStopped',
} as const satisfies Record<AwarenessType, string>;

/** What a page says of itself, in a request and in a message. */
export const viewFields: Readonly<Record<(typeof presenceFields)[number], Schema>> = {
  viewId: ref('ViewId'),
  state: ref('ViewState'),
  taskId: {
    anyOf: [ref('TaskId'), { type: 'null' }],
    description: 'The task that is open on the page; null is as if it were left out.',
  },
  lease: {
    type: ['integer', 'null'],
    minimum: leaseSeconds.least,
    maximum: leaseSeconds.most,
    default: usualPresenceSeconds,
    description: 'How long the page counts unless it says so again, seconds.',
  },
};

/** What is said about typing at a task, in a request and in a message. */
export const typingSchemas: Readonly<Record<(typeof typingFields)[number], Schema>> = {
  typing: { type: ['boolean', 'null'], default: true, description: 'False for who has stopped.' },
};

const viewer: { readonly [Name in keyof Viewer]: Schema } = {
  userId: ref('UserId'),
  state: oneOf(viewerStates),
  tasks: {
    type: 'array',
    items: ref('TaskId'),
    description: 'Those that are open on active pages, of those that whoever hears of it may see; ascending.',
  },
  since: isoTime,
};

const typingAt = { taskId: ref('TaskId'), userId: ref('UserId'), timestamp: isoTime };

const end: Schema = { ...isoTime, description: 'When it ends by itself, unless it is said again.' };

/** What clients hear of other users, and what they are answered who say something of themselves. */
export const awarenessSchemas: Readonly<Record<string, Schema>> = {
  ViewId: { ...textLike(viewIdPattern), description: 'The name that a page gives itself.' },
  ViewState: { ...oneOf(viewStates), description: '`hidden` in the background, `left` where it closes.' },
  Viewer: objectOf<Viewer>(viewer),
  PresenceSnapshot: objectOf<PresenceSnapshot>({
    type: only('presence.snapshot'),
    viewers: { type: 'array', items: ref('Viewer') },
    last: { type: 'boolean', description: 'Whether it is the last one of this list.' },
    timestamp: isoTime,
  }),
  PresenceJoined: objectOf<PresenceChange>({ type: only('presence.joined'), ...viewer, timestamp: isoTime }),
  PresenceUpdated: objectOf<PresenceChange>({
    type: only('presence.updated'),
    ...viewer,
    timestamp: isoTime,
  }),
  PresenceLeft: objectOf<PresenceLeft>({
    type: only('presence.left'),
    userId: ref('UserId'),
    timestamp: isoTime,
  }),
  TypingStarted: objectOf<TypingStarted>({ type: only('typing.started'), ...typingAt, expiresAt: end }),
  TypingStopped: objectOf<TypingStopped>({ type: only('typing.stopped'), ...typingAt }),
  PresenceNoted: objectOf<PresenceNoted>({
    viewId: ref('ViewId'),
    expiresAt: { ...isoTime, description: 'Until when the page counts, unless it says so again.' },
  }),
  TypingNoted: objectOf<TypingNoted>({
    taskId: ref('TaskId'),
    typing: { type: 'boolean' },
    expiresAt: end,
  }),
};
