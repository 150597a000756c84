import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Change } from './change.ts';
import type { LogIdentity, Position } from './cursor.ts';
import { startOf } from './cursor.ts';

/**
 * One immutable entry of a workspace's log: the changes of one append. Segments are numbered 1, 2, 3, … without gaps
 * within one log.
 */
export interface Segment {
  readonly log: string;
  readonly segment: number;
  /** Label of the stream whose records these are; sequence numbers mean nothing across streams. */
  readonly stream: string;
  /** Not earlier than the `at` of any change in it, nor than that of the segment before. Epoch milliseconds. */
  readonly at: number;
  /** From here on readers treat the segment as absent, deleted or not. Epoch seconds, as DynamoDB's TTL wants it. */
  readonly expires: number;
  readonly changes: readonly Change[];
}

/**
 * The end of a workspace's log; moved in one transaction with each append. Whoever needs it first makes it: a reader, for
 * its key, or the first append.
 */
export interface Head {
  readonly log: string;
  /** What cursors are sealed with; undefined in a head of an older version that no reader has opened yet. */
  readonly key?: string | undefined;
  /** Number of the last segment; 0 where nothing was ever appended. */
  readonly last: number;
  /** The stream that the log follows now; undefined where nothing was ever appended. */
  readonly follows: Followed | undefined;
  /** When the latest change was written that the log holds, by the stream's time. Epoch milliseconds. */
  readonly newest: number;
  /** The stream that the log followed before, and the highest number it has of it: a stream may come back. */
  readonly previous?: Followed | undefined;
  /** `at` of the last segment. */
  readonly at: number;
}

/** A head whose key is there. */
export type OpenHead = Head & LogIdentity;

/** A stream, and the highest of its sequence numbers that the log has. */
export interface Followed {
  readonly stream: string;
  readonly high: string;
}

/** The place after everything that is logged. */
export function endOf({ log, last }: Pick<Head, 'log' | 'last'>): Position {
  return startOf(log, last + 1);
}

/** Format of the segment bodies that are written. */
export const segmentFormat = 2;

/**
 * Whether this version reads segment bodies of a format. Format 1 lacks `assigned_to_agent` in the facts before a change.
 * A reader that meets an unknown one ends its sessions: a deploy is under way.
 */
export function isReadableFormat(format: number): boolean {
  return format === 1 || format === segmentFormat;
}

/** An append starts a new segment when its JSON would pass this. Bytes, before compression. */
export const segmentBytes = 64 * 1024;

/** Below this, compression saves no write unit that is worth the processor time. Bytes. */
const compressFromBytes = 1024;

/** Inflating stops here: several times what `splitIntoSegments` ever puts into a body. Bytes. */
const largestBodyBytes = 4 * 1024 * 1024;

/** A segment's changes as bytes, deflated when that is smaller. */
export function encodeBody(changes: readonly Change[]): {
  readonly body: Uint8Array;
  readonly deflated: boolean;
} {
  const plain = Buffer.from(JSON.stringify(changes));
  if (plain.length >= compressFromBytes) {
    const deflated = deflateRawSync(plain);
    if (deflated.length < plain.length) return { body: deflated, deflated: true };
  }
  return { body: plain, deflated: false };
}

/**
 * Reads what `encodeBody` made.
 * @throws {Error} when the bytes are not that.
 */
export function decodeBody(body: Uint8Array, deflated: boolean): readonly Change[] {
  const plain = deflated ? inflateRawSync(body, { maxOutputLength: largestBodyBytes }) : body;
  return JSON.parse(
    Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength).toString('utf8'),
  ) as Change[];
}

/** Cuts a batch into runs of changes that fit one segment each; a single large change has a run of its own. */
export function splitIntoSegments(changes: readonly Change[]): readonly (readonly Change[])[] {
  const runs: Change[][] = [];
  let bytes = Infinity;
  for (const change of changes) {
    const size = Buffer.byteLength(JSON.stringify(change));
    if (bytes + size > segmentBytes) {
      runs.push([]);
      bytes = 0;
    }
    runs.at(-1)!.push(change);
    bytes += size;
  }
  return runs;
}

/** Whether a segment still counts: TTL deletes late and in no order, so readers go by the time themselves. */
export function isKept(segment: Pick<Segment, 'expires'>, now: number): boolean {
  return segment.expires * 1000 > now;
}
