import type { Position } from '../log/cursor.ts';
import { startOf } from '../log/cursor.ts';
import type { Segment } from '../log/segment.ts';
import type { LogFrame } from '../subscription/frames-from.ts';
import { framesFrom } from '../subscription/frames-from.ts';
import type { Subscription } from '../subscription/subscription.ts';

/** A frame that is sent to a client without being asked for. */
export interface PushedFrame extends LogFrame {
  /** The earliest place from which its subscriber misses nothing before it. */
  readonly before: Position;
}

/**
 * What new segments tell one subscriber. Pushes may be lost, late and doubled on their way: each says how far back there was
 * nothing else for its subscriber, as far as the segments before are known here, so that a client sees a gap.
 * @param earlier segments right before the new ones, in order and without a gap; more of them make for fewer gaps that are
 *   none.
 * @param fresh the new segments, at least one, in order and without a gap.
 */
export function pushesOf(
  earlier: readonly Segment[],
  fresh: readonly Segment[],
  subscription: Subscription,
): readonly PushedFrame[] {
  const { frames } = framesFrom(fresh, startOfFirst(fresh), subscription);
  if (frames.length === 0) return [];
  const start = startOfFirst([...earlier, ...fresh]);
  let before = framesFrom(earlier, start, subscription).frames.at(-1)?.after ?? start;
  return frames.map((frame) => {
    const pushed = { ...frame, before };
    before = frame.after;
    return pushed;
  });
}

function startOfFirst([first]: readonly Segment[]): Position {
  return startOf(first!.log, first!.segment);
}
