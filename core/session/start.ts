import type { Resume, ResumeReason } from '../../protocol/frames.ts';
import type { Position } from '../log/cursor.ts';
import { CursorSeal } from '../log/cursor.ts';
import { encodedEventsFor } from '../subscription/events.ts';
import type { ReadResult } from '../log/read-store.ts';
import type { SegmentReader } from '../log/segment-reader.ts';
import { endOf } from '../log/segment.ts';
import type { Subscription } from '../subscription/subscription.ts';

/** The place where a session starts to read. */
export interface Start {
  readonly position: Position;
  /** Makes the session's cursors. */
  readonly seal: CursorSeal;
  /** What is to be told first, read to see whether it is there; undefined at the end of the log. */
  readonly found?: Extract<ReadResult, { kind: 'segments' }>;
  /** What the client that gave a cursor is told of it; undefined for one that gave none. */
  readonly resume?: Resume;
}

/**
 * Finds the place from which a session goes on: the one that the cursor names, or the end of the log where the cursor was
 * not given to this principal by this log, or its history is gone. Without a cursor it is the end of the log.
 * @param most the most segments to read.
 * @throws what the log's store throws.
 */
export async function findStart(
  reader: Pick<SegmentReader, 'openHead' | 'readBelow'>,
  subscription: Subscription,
  cursor: string | undefined,
  most: number,
): Promise<Start> {
  const { principal } = subscription;
  const head = await reader.openHead(principal.workspace);
  const seal = new CursorSeal(head, principal);
  const atEnd = { position: endOf(head), seal };
  if (cursor === undefined) return atEnd;
  const incomplete = (reason: ResumeReason): Start => ({ ...atEnd, resume: { complete: false, reason } });
  const position = seal.open(cursor);
  if (typeof position === 'string') return incomplete(position);
  const found = await reader.readBelow(principal.workspace, head, position.segment, most);
  if (found.kind === 'lost') return incomplete(found.reason);
  if (!isPlace(position, found, subscription)) return incomplete('unknown_cursor');
  return { position, seal, ...(found.kind === 'segments' && { found }), resume: { complete: true } };
}

/**
 * Whether the log has the place that a cursor names within its segment. Another version of this code may have
 * derived other events from it; a start at a place that is not there would skip changes without a word.
 */
function isPlace({ change, frame }: Position, found: ReadResult, subscription: Subscription): boolean {
  if (change === 0 && frame === 0) return true;
  const next = found.kind === 'segments' ? found.segments[0]?.changes[change] : undefined;
  if (next === undefined || frame === 0) return next !== undefined;
  return next.kind !== 'resync' && frame < encodedEventsFor(next, subscription).length;
}
