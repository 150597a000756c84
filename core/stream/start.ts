import type { Position } from '../cursor.ts';
import { decodeCursor } from '../cursor.ts';
import { encodedEventsFor } from '../event.ts';
import type { Loss, ReadResult, SegmentCache } from '../log/segment-cache.ts';
import { endOf } from '../log/segment.ts';
import type { Principal } from '../principal.ts';
import { rightsFingerprint } from '../principal.ts';

/** Why a client cannot go on from where it was, and loads everything again. */
export type ResumeReason = Loss | 'rights_changed' | 'resync';

/** The place where a session starts to read. */
export interface Start {
  readonly position: Position;
  /** Whether there is something to read at once. */
  readonly isBehind: boolean;
  /** What the client that gave a cursor is told of it; undefined for one that gave none. */
  readonly resume?: { readonly complete: boolean; readonly reason?: ResumeReason };
}

/**
 * Finds the place from which a session goes on: the one that the cursor names, or the end of the log where the cursor is
 * not of this log, this history or these rights. Without a cursor it is the end of the log.
 * @throws what the log's store throws.
 */
export async function findStart(
  cache: Pick<SegmentCache, 'read' | 'readHead'>,
  principal: Principal,
  given: string | undefined,
): Promise<Start> {
  const atHead = async (): Promise<Start> => ({
    position: endOf(await cache.readHead(principal.workspace)),
    isBehind: false,
  });
  if (given === undefined) return atHead();
  const incomplete = async (reason: ResumeReason): Promise<Start> => ({
    ...(await atHead()),
    resume: { complete: false, reason },
  });
  const cursor = decodeCursor(given);
  if (!cursor) return incomplete('unknown_cursor');
  if (cursor.rights !== rightsFingerprint(principal)) return incomplete('rights_changed');
  const found = await cache.read(principal.workspace, cursor.log, cursor.segment);
  if (found.kind === 'lost') return incomplete(found.reason);
  if (!isPlace(cursor, found, principal)) return incomplete('unknown_cursor');
  return { position: cursor, isBehind: found.kind === 'segments', resume: { complete: true } };
}

/**
 * Whether the log has the place that a cursor names within its segment. One that it has not was not given by this log;
 * read from there, the changes of the segment would be left out without a word.
 */
function isPlace({ change, frame }: Position, found: ReadResult, principal: Principal): boolean {
  if (change === 0 && frame === 0) return true;
  const next = found.kind === 'segments' ? found.segments[0]?.changes[change] : undefined;
  if (next === undefined || frame === 0) return next !== undefined;
  return next.kind !== 'resync' && frame < encodedEventsFor(next, principal).length;
}
