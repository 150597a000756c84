import { UnknownFormat } from '../../../core/log/read-store.ts';
import type { Followed, Head, Segment } from '../../../core/log/segment.ts';
import type { Item } from './items.ts';
import { decodeBody, encodeBody, isReadableFormat, segmentFormat } from '../../../core/log/segment.ts';

/** The head's place in the sort order; segments begin at 1. */
export const headNumber = 0;

/** What the events table holds of a segment. */
export interface SegmentItem extends Omit<Segment, 'changes'> {
  readonly workspace: string;
  readonly format: number;
  readonly deflated: boolean;
  readonly body: Uint8Array;
}

interface HeadItem extends Omit<Head, 'follows' | 'newest'>, Partial<Followed> {
  /** Not in heads of the first version. */
  readonly newest?: number;
}

/** The key of a workspace's head. */
export function headKey(workspace: string): { workspace: string; segment: number } {
  return { workspace, segment: headNumber };
}

/** The head of an item. */
export function readHeadItem(item: Item): Head {
  const { log, key, last, stream, high, newest = 0, previous, at } = item as unknown as HeadItem;
  const follows = stream === undefined || high === undefined ? undefined : { stream, high };
  return { log, key, last, follows, newest, ...(previous && { previous }), at };
}

/** The item of a head, whole. */
export function headItem(workspace: string, { follows, ...head }: Head): Item {
  return { ...headKey(workspace), ...head, ...follows };
}

/** The item of a segment, in the format that is written. */
export function segmentItem(workspace: string, segment: Segment): SegmentItem {
  const { changes, ...facts } = segment;
  return { workspace, ...facts, format: segmentFormat, ...encodeBody(changes) };
}

/**
 * The segment of an item.
 * @throws {UnknownFormat}; {Error} for a body that is not one.
 */
export function readSegmentItem(item: Item): Segment {
  const { workspace, format, deflated, body, ...facts } = item as unknown as SegmentItem;
  if (!isReadableFormat(format)) {
    throw new UnknownFormat(`segment ${facts.segment} of workspace ${workspace} has format ${format}`);
  }
  return { ...facts, changes: decodeBody(body, deflated) };
}
