import type { TaskEventType } from '../../protocol/events.ts';
import type { Resume } from '../../protocol/frames.ts';
import { encodeData } from '../../protocol/json.ts';
import type { Position } from '../log/cursor.ts';
import { startOf } from '../log/cursor.ts';
import type { Segment } from '../log/segment.ts';
import { encodedEventsFor } from './events.ts';
import { wantsType } from './filter.ts';
import type { Subscription } from './subscription.ts';

/** What a subscriber hears of a change, whatever carries it. */
export interface LogFrame {
  /** The type of a task event; `resume` where the log cannot tell, and the client has to load everything again. */
  readonly type: TaskEventType | 'resume';
  /** Its data. */
  readonly json: string;
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
 */
export function framesFrom(
  segments: readonly Segment[],
  position: Position,
  subscription: Subscription,
): LogFrames {
  const frames: LogFrame[] = [];
  let place = position;
  for (const segment of segments) {
    addFramesOf(segment, place, subscription, frames);
    place = startOf(segment.log, segment.segment + 1);
  }
  return { frames, position: place };
}

function addFramesOf(
  { log, segment, changes }: Segment,
  from: Position,
  subscription: Subscription,
  frames: LogFrame[],
): void {
  for (let index = from.change; index < changes.length; index += 1) {
    const change = changes[index]!;
    const next =
      index + 1 < changes.length ? { log, segment, change: index + 1, frame: 0 } : startOf(log, segment + 1);
    if (change.kind === 'resync') {
      frames.push({ type: 'resume', json: resyncJson, after: next });
      continue;
    }
    const events = encodedEventsFor(change, subscription);
    for (let frame = index === from.change ? from.frame : 0; frame < events.length; frame += 1) {
      const isLast = frame + 1 === events.length;
      const after = isLast ? next : { log, segment, change: index, frame: frame + 1 };
      const event = events[frame]!;
      if (wantsType(subscription.filter, event.type)) frames.push({ ...event, after });
    }
  }
}
