import { endReasons } from '../../protocol/end-reasons.ts';
import type {
  TaskCreated,
  TaskDeleted,
  TaskEventType,
  TaskStatusChanged,
  TaskUpdated,
} from '../../protocol/events.ts';
import type { Established, Handover, Ping, Resume } from '../../protocol/frames.ts';
import { establishedType, resumeReasons } from '../../protocol/frames.ts';
import { connectionIdPattern, correlationIdPattern } from '../../protocol/patterns.ts';
import type { Schema } from './schema.ts';
import { isoTime, objectOf, only, oneOf, ref, textLike } from './schema.ts';

const reasons = Object.entries(endReasons);
const reasonsWith = (reconnect: boolean): string[] =>
  reasons.filter(([, each]) => each.reconnect === reconnect).map(([reason]) => reason);

/** The name of the schema of each task event. */
export const eventSchemaNames = {
  'task.created': 'TaskCreated',
  'task.updated': 'TaskUpdated',
  'task.status_changed': 'TaskStatusChanged',
  'task.deleted': 'TaskDeleted',
} as const satisfies Record<TaskEventType, string>;

const base = { taskId: ref('TaskId'), timestamp: isoTime };
const correlated = { correlationId: textLike(correlationIdPattern) };

const end = (reconnect: boolean): Schema =>
  objectOf<{ reason: string; reconnect: boolean }>({
    reason: oneOf(reasonsWith(reconnect)),
    reconnect: only(reconnect),
  });

/** What clients hear of, and the data of the frames that bring it. */
export const eventSchemas: Readonly<Record<string, Schema>> = {
  TaskCreated: objectOf<TaskCreated>(
    { type: only('task.created'), ...base, ...correlated, task: ref('Task') },
    ['correlationId'],
  ),
  TaskUpdated: objectOf<TaskUpdated>(
    { type: only('task.updated'), ...base, ...correlated, task: ref('Task') },
    ['correlationId'],
  ),
  TaskStatusChanged: objectOf<TaskStatusChanged>(
    {
      type: only('task.status_changed'),
      ...base,
      ...correlated,
      task: ref('Task'),
      previousStatus: ref('TaskStatus'),
      newStatus: ref('TaskStatus'),
    },
    ['correlationId'],
  ),
  TaskDeleted: objectOf<TaskDeleted>({ type: only('task.deleted'), ...base }),
  TaskEvent: { oneOf: Object.values(eventSchemaNames).map(ref) },
  ConnectionId: textLike(connectionIdPattern),
  Established: objectOf<Established>({
    type: only(establishedType),
    connectionId: ref('ConnectionId'),
    userId: ref('UserId'),
    timestamp: isoTime,
  }),
  ResumeReason: oneOf(resumeReasons),
  Resume: {
    oneOf: [
      objectOf<Pick<Resume, 'complete'>>({ complete: only(true) }),
      objectOf<Required<Resume>>({ complete: only(false), reason: ref('ResumeReason') }),
    ],
  },
  Ping: objectOf<Ping>({ timestamp: isoTime }),
  EndReason: oneOf(reasons.map(([reason]) => reason)),
  Handover: objectOf<Handover>({ reason: ref('EndReason'), endsAt: isoTime }),
  End: { oneOf: [end(true), end(false)] },
};
