import type { Change, TaskChange } from '../log/change.ts';
import type { Principal } from './principal.ts';
import { encodeData } from '../../protocol/json.ts';
import type { TaskEvent, TaskEventType, TaskUpdated } from '../../protocol/events.ts';
import { canSee } from './visibility.ts';

/** How one principal lives through a change; principals with the same view get the same events. */
type View = 'appeared' | 'changed' | 'disappeared' | 'unseen';

/** What a change looks like to a principal: visibility is asked of both images. */
function viewOf(change: TaskChange, principal: Principal): View {
  const before = change.before !== undefined && canSee(principal, change.before);
  const after = change.after !== undefined && canSee(principal, change.after);
  if (before) return after ? 'changed' : 'disappeared';
  return after ? 'appeared' : 'unseen';
}

/**
 * The events that a principal gets of a task change, in their order: none, one, or a status change followed by its
 * update. A task that becomes visible is created for that principal, one that becomes invisible is deleted.
 */
export function eventsFor(change: TaskChange, principal: Principal): readonly TaskEvent[] {
  return eventsOfView(change, viewOf(change, principal));
}

function eventsOfView(change: TaskChange, view: View): readonly TaskEvent[] {
  const { task: taskId, before, after: task } = change;
  const timestamp = timeOf(change);
  if (view === 'disappeared') return [{ type: 'task.deleted', taskId, timestamp }];
  if (view === 'unseen' || !task) return [];
  if (view === 'appeared') return [{ type: 'task.created', taskId, task, timestamp }];

  const updated: TaskUpdated = { type: 'task.updated', taskId, task, timestamp };
  if (!before || before.status === task.status) return [updated];
  return [
    {
      type: 'task.status_changed',
      taskId,
      task,
      previousStatus: before.status,
      newStatus: task.status,
      timestamp,
    },
    updated,
  ];
}

/** Of other texts than these nobody could say what time they mean. */
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/**
 * When a change happened. DynamoDB tells whole seconds, so the time that the task itself says is the better one where it is
 * later; a script may have written anything there.
 */
function timeOf({ at, before, after }: TaskChange): string {
  const text = (after ?? before)?.updated_at ?? '';
  const own = isoTime.test(text) ? Date.parse(text) : Number.NaN;
  return new Date(own > at ? own : at).toISOString();
}

/** An event made ready for the wire once, for all the streams that send it. */
export interface EncodedEvent {
  readonly type: TaskEventType;
  readonly json: string;
}

const encodings = new WeakMap<Change, Map<View, readonly EncodedEvent[]>>();

/** As `eventsFor`, encoded as JSON; a change is encoded once per view, however many streams of a process send it. */
export function encodedEventsFor(change: TaskChange, principal: Principal): readonly EncodedEvent[] {
  const view = viewOf(change, principal);
  let byView = encodings.get(change);
  if (!byView) encodings.set(change, (byView = new Map()));
  let encoded = byView.get(view);
  if (!encoded) {
    encoded = eventsOfView(change, view).map((event) => ({ type: event.type, json: encodeData(event) }));
    byView.set(view, encoded);
  }
  return encoded;
}
