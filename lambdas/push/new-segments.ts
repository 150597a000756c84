import type { LogIdentity } from '../../core/log/cursor.ts';
import type { PageReader } from '../../core/log/page-reader.ts';
import type { Head, Segment } from '../../core/log/segment.ts';
import type { SegmentsOrder } from '../shared/push/push-function.ts';

/** What an order is about. */
export interface NewSegments {
  /** What cursors are sealed with. */
  readonly identity: LogIdentity;
  /** Segments right before the new ones; none where they cannot be had. */
  readonly earlier: readonly Segment[];
  readonly fresh: readonly Segment[];
}

export interface NewSegmentsOptions {
  readonly readHead: (workspace: string) => Promise<Head | undefined>;
  readonly reader: Pick<PageReader, 'readBelow'>;
}

/**
 * How many segments before the new ones are looked at. Where they have told a subscriber nothing, its frames reach back over
 * them: it then sees no gap though it is at the place of an older frame.
 */
const earlierSegments = 8;

/**
 * Reads what an order is about. Segments never change, so the process keeps what it has read of them: the usual order costs
 * the head and the new segments.
 * @returns undefined where the log is another one by now, has no reader that was ever given a cursor, or has expired.
 * @throws what the store throws.
 */
export async function readNewSegments(
  { workspace, log, first, last }: SegmentsOrder,
  { readHead, reader }: NewSegmentsOptions,
): Promise<NewSegments | undefined> {
  const head = await readHead(workspace);
  if (head?.log !== log || head.key === undefined) return undefined;
  const from = Math.max(1, first - earlierSegments);
  const read = (begin: number): Promise<readonly Segment[] | undefined> =>
    readRun(workspace, { log, last }, begin, reader);
  const segments = (await read(from)) ?? (from < first ? await read(first) : undefined);
  if (!segments) return undefined;
  return {
    identity: { log, key: head.key },
    earlier: segments.filter(({ segment }) => segment < first),
    fresh: segments.filter(({ segment }) => segment >= first),
  };
}

/** All segments from one on; undefined where one of them is gone. */
async function readRun(
  workspace: string,
  end: Pick<Head, 'log' | 'last'>,
  begin: number,
  reader: NewSegmentsOptions['reader'],
): Promise<readonly Segment[] | undefined> {
  const segments: Segment[] = [];
  for (let from = begin; from <= end.last; from = begin + segments.length) {
    const result = await reader.readBelow(workspace, end, from, end.last - from + 1);
    if (result.kind !== 'segments') return undefined;
    segments.push(...result.segments);
  }
  return segments;
}
