import type { ResumeReason } from '../../protocol/frames.ts';
import type { Head, OpenHead, Segment } from './segment.ts';

/** What reading needs of the events table. */
export interface ReadStore {
  /** The head, read consistently; undefined where nobody has made one yet. */
  readHead(workspace: string): Promise<Head | undefined>;
  /** The head, read consistently; made, with its key, where it is missing. */
  openHead(workspace: string): Promise<OpenHead>;
  /**
   * A page of segments numbered `from` and up, ascending; empty where there are none.
   * @throws {UnknownFormat} when a segment is of a format that this version cannot read.
   */
  readSegments(workspace: string, from: number, read: PageRead): Promise<SegmentPage>;
}

/** How a page is read. */
export interface PageRead {
  /** The most segments in it. */
  readonly most: number;
  /** Whether it must hold all that was written before; costs twice as much. */
  readonly consistent: boolean;
}

/** Segments in ascending order; `more` says that the page was full and others may follow. */
export interface SegmentPage {
  readonly segments: readonly Segment[];
  readonly more: boolean;
  /** What it cost, read units; 0 where it was remembered. */
  readonly units: number;
}

/** A segment is of a format that this version cannot read: a newer one is being deployed. */
export class UnknownFormat extends Error {
  override readonly name = 'UnknownFormat';
}

/** Why a reader cannot go on from where it is. */
export type Loss = Extract<ResumeReason, 'unknown_cursor' | 'history_expired'>;

/**
 * The next segments, in order and without a gap; or nothing yet, with the time of the last read that has found nothing
 * (epoch milliseconds, undefined where none has come back yet); or the news that they cannot be had.
 */
export type ReadResult =
  | ({ readonly kind: 'segments' } & SegmentPage)
  | { readonly kind: 'none'; readonly readAt?: number | undefined }
  | { readonly kind: 'lost'; readonly reason: Loss };

/** What a read gives that finds nothing. */
export const nothingYet: ReadResult = { kind: 'none' };
