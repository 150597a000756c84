import type { PresenceNoted, TypingNoted, Viewer } from '../../protocol/awareness.ts';
import { typingSeconds } from '../../protocol/awareness.ts';
import type { awarenessRoutes } from '../../protocol/routes.ts';
import { paths } from '../../protocol/routes.ts';
import type { Operation, Operations } from './operation.ts';
import { ref } from './schema.ts';
import { bodyErrors } from './task-operations.ts';

const viewId = 'k3Jd9-_a';
const expiresAt = '2026-11-27T12:01:00.000Z';
const viewer: Viewer = { userId: 'alice', state: 'active', tasks: [7], since: '2026-11-27T12:00:00.000Z' };
const presenceNoted: PresenceNoted = { viewId, expiresAt };
const typingNoted: TypingNoted = { taskId: 7, typing: true, expiresAt };

const list: Operation = {
  id: 'listViewers',
  tag: 'presence',
  summary: 'Lists who is viewing the board, by name.',
  answer: {
    status: 200,
    description: 'One for each user, however many pages that has.',
    schema: ref('ViewerList'),
    example: { viewers: [viewer] },
  },
  errors: [],
};

const view: Operation = {
  id: 'notePresence',
  tag: 'presence',
  summary: 'Says how a page of the caller is seen, or that it closes.',
  description:
    'It counts for as long as its lease: the page says it again before, and whenever something has changed.',
  body: {
    schema: ref('PresenceRequest'),
    asBeacon: true,
    example: { viewId, state: 'active', taskId: 7 },
  },
  answer: {
    status: 200,
    description: 'Until when it counts.',
    schema: ref('PresenceNoted'),
    example: presenceNoted,
  },
  errors: [...bodyErrors, 'unknown_field', 'task_not_found', 'conflict'],
};

const type: Operation = {
  id: 'noteTyping',
  tag: 'presence',
  summary: 'Says that the caller types at a task, or has stopped.',
  description: `It ends by itself after ${typingSeconds} s: who goes on says it again, at most once a second.`,
  body: { schema: ref('TypingRequest'), isOptional: true, asBeacon: true, example: { typing: true } },
  answer: {
    status: 200,
    description: 'When it ends by itself.',
    schema: ref('TypingNoted'),
    example: typingNoted,
  },
  errors: [...bodyErrors, 'unknown_field', 'invalid_task_id', 'task_not_found'],
};

/** Who is there, and who types. */
export const awarenessOperations: Operations<typeof awarenessRoutes> = {
  [paths.presence]: { GET: list, POST: view },
  [paths.typing]: { POST: type },
};
