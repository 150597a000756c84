import type { Clock } from '../clock.ts';
import type { Position } from '../log/cursor.ts';
import type { PageReader } from '../log/page-reader.ts';
import type { OpenHead } from '../log/segment.ts';
import type { HistoryPage } from './history-page.ts';

/** What both orders work with. */
export interface Walk {
  readonly reader: Pick<PageReader, 'seek' | 'readBelow'>;
  readonly clock: Clock;
  readonly workspace: string;
  readonly head: OpenHead;
  readonly since: number | undefined;
  readonly page: HistoryPage;
}

/** One way through the history. */
export interface HistoryOrder {
  /** Where the next page goes on. */
  readonly position: Position;
  /**
   * Fills the page up to the end of the history.
   * @throws {PageEnd} when the page ends before.
   */
  fill(): Promise<void>;
}
