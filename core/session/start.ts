import type { Resume, ResumeReason } from '../../protocol/frames.ts';
import type { Position } from '../log/cursor.ts';
import { CursorSeal, startOf } from '../log/cursor.ts';
import { encodedEventsFor } from '../subscription/events.ts';
import type { ReadResult } from '../log/read-store.ts';
import type { SegmentReader } from '../log/segment-reader.ts';
import type { OpenHead } from '../log/segment.ts';
import { endOf } from '../log/segment.ts';
import type { Subscription } from '../subscription/subscription.ts';

/** Where a client wants its session to start: at a cursor, else since a time (epoch milliseconds), else now. */
export interface WantedStart {
  readonly cursor?: string | undefined;
  readonly since?: number | undefined;
}

/** The place where a session starts to read. */
export interface Start {
  readonly position: Position;
  /** Makes the session's cursors. */
  readonly seal: CursorSeal;
  /** What is to be told first, read to see whether it is there; undefined at the end of the log. */
  readonly found?: Extract<ReadResult, { kind: 'segments' }>;
  /** What the client that gave a cursor or a time is told of it; undefined for one that gave none. */
  readonly resume?: Resume;
  /** What it has cost to find the place, read units, besides what was found. */
  readonly units?: number;
}

type StartReader = Pick<SegmentReader, 'openHead' | 'seek' | 'readBelow'>;

/**
 * Finds the place from which a session goes on: the one that the cursor names, or the end of the log where the cursor was
 * not given to this principal by this log, or its history is gone. Without a cursor it is the place of the log at a time,
 * or its end.
 * @param most the most segments to read.
 * @throws what the log's store throws.
 */
export async function findStart(
  reader: StartReader,
  subscription: Subscription,
  { cursor, since }: WantedStart,
  most: number,
): Promise<Start> {
  const { principal } = subscription;
  const head = await reader.openHead(principal.workspace);
  const seal = new CursorSeal(head, principal);
  const atEnd = { position: endOf(head), seal };
  if (cursor === undefined) {
    return since === undefined
      ? atEnd
      : { ...atEnd, ...(await findTime(reader, principal.workspace, head, since, most)) };
  }
  const incomplete = (reason: ResumeReason): Start => ({ ...atEnd, resume: { complete: false, reason } });
  const position = seal.open(cursor);
  if (typeof position === 'string') return incomplete(position);
  const found = await reader.readBelow(principal.workspace, head, position.segment, most);
  if (found.kind === 'lost') return incomplete(found.reason);
  if (!isPlace(position, found, subscription)) return incomplete('unknown_cursor');
  return { position, seal, ...(found.kind === 'segments' && { found }), resume: { complete: true } };
}

/** The place of the log at a time. What is in the log already is the past to a client that comes only now. */
async function findTime(
  reader: StartReader,
  workspace: string,
  head: OpenHead,
  since: number,
  most: number,
): Promise<Partial<Start>> {
  const { segment, isComplete, units } = await reader.seek(workspace, head, since);
  const resume: Resume = isComplete ? { complete: true } : { complete: false, reason: 'history_expired' };
  const found = await reader.readBelow(workspace, head, segment, most);
  if (found.kind === 'lost') return { resume: { complete: false, reason: found.reason }, units };
  if (found.kind === 'none') return { resume, units };
  return { position: { ...startOf(head.log, segment), past: head.last }, found, resume, units };
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
