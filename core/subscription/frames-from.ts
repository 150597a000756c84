import type { TaskEventType } from '../../protocol/events.ts';
import type { Resume } from '../../protocol/frames.ts';
import { encodeData } from '../../protocol/json.ts';
import type { Change } from '../log/change.ts';
import type { Position } from '../log/cursor.ts';
import { startOf } from '../log/cursor.ts';
import type { Segment } from '../log/segment.ts';
import { encodedEventsFor } from './events.ts';
import { wantsType } from './filter.ts';
import type { Past } from './past.ts';
import { carriesTask } from './past.ts';
import type { Subscription } from './subscription.ts';

/** What a subscriber hears of a change, whatever carries it. */
export interface LogFrame {
  /** The type of a task event; `resume` where the log cannot tell, and the client has to load everything again. */
  readonly type: TaskEventType | 'resume';
  /** Its data. */
  readonly json: string;
  /** When the change was written that it tells of, epoch milliseconds; undefined where it tells of none. */
  readonly writtenAt?: number;
  /** The place behind it, for its cursor. */
  readonly after: Position;
}

/** What a subscriber hears of some segments, and the place behind all of them. */
export interface LogFrames {
  readonly frames: readonly LogFrame[];
  readonly position: Position;
}

/** What a client is told where the log cannot tell what has changed. */
export const resync: Resume = { complete: false, reason: 'resync' };
const resyncJson = encodeData(resync);

/**
 * What a subscriber hears of some segments from a position on; the place moves past what it may not see as well.
 * @param segments those from that of the position on, in their order and without a gap.
 * @param past where they are the past: the place stays before the first change whose task it has to look up.
 */
export function framesFrom(
  segments: readonly Segment[],
  position: Position,
  subscription: Subscription,
  past?: Past,
): LogFrames {
  const frames: LogFrame[] = [];
  let place = position;
  for (const segment of segments) {
    for (let index = place.change; index < segment.changes.length; index += 1) {
      const heard = framesOfChange(segment, index, place.frame, subscription, past);
      if (heard === undefined) return { frames, position: place };
      frames.push(...heard);
      place = afterChange(segment, index);
    }
    place = startOf(segment.log, segment.segment + 1);
  }
  return { frames, position: place };
}

/**
 * What a subscriber hears of one change.
 * @param first the first of its frames that is not told yet.
 * @returns undefined where the past has to look up the task of the change.
 */
export function framesOfChange(
  segment: Segment,
  index: number,
  first: number,
  subscription: Subscription,
  past?: Past,
): readonly LogFrame[] | undefined {
  const change = segment.changes[index]!;
  const next = afterChange(segment, index);
  if (change.kind === 'resync') return [{ type: 'resume', json: resyncJson, after: next }];
  const events = encodedEventsFor(change, subscription);
  const frames: LogFrame[] = [];
  for (let frame = first; frame < events.length; frame += 1) {
    const event = events[frame]!;
    if (!wantsType(subscription.filter, event.type)) continue;
    const isTold = past === undefined || past.tells(event.type, change.task);
    if (isTold === undefined) return undefined;
    const isLast = frame + 1 === events.length;
    const after = isLast
      ? next
      : { log: segment.log, segment: segment.segment, change: index, frame: frame + 1 };
    if (isTold) frames.push({ ...event, after });
  }
  return frames;
}

/** The tasks that a subscriber gets to see of changes, in their order. */
export function* tasksSeenIn(changes: Iterable<Change>, subscription: Subscription): Generator<number> {
  for (const change of changes) {
    if (change.kind !== 'task') continue;
    const events = encodedEventsFor(change, subscription);
    if (events.some(({ type }) => carriesTask(type) && wantsType(subscription.filter, type)))
      yield change.task;
  }
}

/** The place behind a change. */
export function afterChange({ log, segment, changes }: Segment, index: number): Position {
  return index + 1 < changes.length
    ? { log, segment, change: index + 1, frame: 0 }
    : startOf(log, segment + 1);
}
