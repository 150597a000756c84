import type { Change, TaskChange } from '../log/change.ts';
import { writtenAt } from '../log/change.ts';
import type { FilteredFacts } from './filter.ts';
import { matches } from './filter.ts';
import type { Subscription } from './subscription.ts';
import type { VisibilityFacts } from './visibility.ts';
import { encodeData } from '../../protocol/json.ts';
import type { TaskEvent, TaskEventType, TaskUpdated } from '../../protocol/events.ts';
import { canSee } from './visibility.ts';

/** How one subscriber lives through a change; subscribers with the same view get the same events. */
type View = 'appeared' | 'changed' | 'disappeared' | 'unseen';

/** What a change looks like to a subscriber: visibility and filter are asked of both images. */
function viewOf({ task, before, after }: TaskChange, subscription: Subscription): View {
  const isThere = isIn(task, after, subscription) === true;
  // Where nobody knows, what is there is told as new and what is not as gone: neither does harm to whoever knew it.
  const wasThere = isIn(task, before, subscription) ?? !isThere;
  if (wasThere) return isThere ? 'changed' : 'disappeared';
  return isThere ? 'appeared' : 'unseen';
}

/** Whether a task is one of those of a subscriber; undefined where its image does not tell. */
function isIn(
  task: number,
  image: (VisibilityFacts & FilteredFacts) | undefined,
  { principal, filter }: Subscription,
): boolean | undefined {
  if (image === undefined || !canSee(principal, image)) return false;
  return matches(filter, task, image);
}

/**
 * The events that a subscriber could get of a task change, in their order: none, one, or a status change followed by its
 * update. A task that becomes visible, or comes into the set of the filter, is created for that subscriber; one that
 * becomes invisible, or leaves the set, is deleted. Events of types that the filter does not want are among them.
 */
export function eventsFor(change: TaskChange, subscription: Subscription): readonly TaskEvent[] {
  return eventsOfView(change, viewOf(change, subscription));
}

function eventsOfView(change: TaskChange, view: View): readonly TaskEvent[] {
  const { task: taskId, before, after: task, correlation } = change;
  const written = correlation === undefined ? {} : { correlationId: correlation };
  const timestamp = new Date(writtenAt(change)).toISOString();
  if (view === 'disappeared') return [{ type: 'task.deleted', taskId, timestamp }];
  if (view === 'unseen' || !task) return [];
  if (view === 'appeared') return [{ type: 'task.created', taskId, task, timestamp, ...written }];

  const updated: TaskUpdated = { type: 'task.updated', taskId, task, timestamp, ...written };
  if (!before || before.status === task.status) return [updated];
  return [
    {
      type: 'task.status_changed',
      taskId,
      task,
      previousStatus: before.status,
      newStatus: task.status,
      timestamp,
      ...written,
    },
    updated,
  ];
}

/** An event made ready for the wire once, for all the streams that send it. */
export interface EncodedEvent {
  readonly type: TaskEventType;
  readonly json: string;
  /** When its change was written, epoch milliseconds. */
  readonly writtenAt: number;
}

const encodings = new WeakMap<Change, Map<View, readonly EncodedEvent[]>>();

/** As `eventsFor`, encoded as JSON; a change is encoded once per view, however many streams of a process send it. */
export function encodedEventsFor(change: TaskChange, subscription: Subscription): readonly EncodedEvent[] {
  const view = viewOf(change, subscription);
  let byView = encodings.get(change);
  if (!byView) encodings.set(change, (byView = new Map()));
  let encoded = byView.get(view);
  if (!encoded) {
    const at = writtenAt(change);
    encoded = eventsOfView(change, view).map((event) => ({
      type: event.type,
      json: encodeData(event),
      writtenAt: at,
    }));
    byView.set(view, encoded);
  }
  return encoded;
}
