import type { Change } from '../log/change.ts';
import type { Position } from '../log/cursor.ts';
import { startOf } from '../log/cursor.ts';
import type { Segment } from '../log/segment.ts';
import { PageEnd } from './history-page.ts';
import type { HistoryOrder, Walk } from './order.ts';

/** Through the history from its newest event to its oldest. The position is that behind the next frame. */
export class NewestFirst implements HistoryOrder {
  readonly #walk: Walk;
  position: Position;
  /** How long what was read last is kept, milliseconds; 0 where nothing was read yet. */
  #depthMs = 0;

  constructor(walk: Walk, from: Position) {
    this.#walk = walk;
    this.position = from;
  }

  async fill(): Promise<void> {
    const { since, page } = this.#walk;
    for (let last = this.#lastSegment(); last > 0; last = this.#lastSegment()) {
      if (page.pace.isSpent) throw new PageEnd();
      const segments = await this.#readUpTo(last);
      if (segments === undefined) return this.#endAtExpired();
      for (const [index, segment] of segments.entries()) {
        if (since !== undefined && segment.at < since) return;
        await this.#tell(segment, segments.slice(index + 1));
      }
    }
  }

  /** The segment with the frame before the position; 0 where there is none. */
  #lastSegment(): number {
    const { segment, change, frame } = this.position;
    return change === 0 && frame === 0 ? segment - 1 : segment;
  }

  /**
   * Some segments up to one, newest first.
   * @returns undefined where that one has expired.
   */
  async #readUpTo(last: number): Promise<readonly Segment[] | undefined> {
    const { reader, clock, workspace, head, page } = this.#walk;
    for (let first = Math.max(1, last - page.pace.most + 1); ;) {
      const found = await reader.readBelow(workspace, head, first, last - first + 1);
      if (found.kind === 'segments') {
        page.pace.spendOnSegments(found.units, clock.now());
        const newest = found.segments.at(-1)!;
        this.#depthMs = newest.expires * 1000 - newest.at;
        if (newest.segment === last) return found.segments.toReversed();
        // One read does not give all of them: what it gave is remembered, and asked for when its turn comes.
        first = newest.segment + 1;
      } else if (first === last) {
        return undefined;
      } else {
        first = Math.ceil((first + last) / 2);
      }
    }
  }

  /** What has expired had its time, all of it: what is younger than that is told. */
  #endAtExpired(): void {
    const { clock, since, page } = this.#walk;
    if (since !== undefined && !(since >= clock.now() - this.#depthMs)) page.missing = 'history_expired';
  }

  async #tell(segment: Segment, older: readonly Segment[]): Promise<void> {
    const { page } = this.#walk;
    const { changes } = segment;
    const start = this.position;
    const isInside = start.segment === segment.segment;
    for (let index = isInside ? start.change : changes.length - 1; index >= 0; index -= 1) {
      const change = { ...startOf(segment.log, segment.segment), change: index };
      const following = (): Change[] => [
        ...changes.slice(0, index + 1).toReversed(),
        ...older.flatMap((each) => each.changes.toReversed()),
      ];
      // Of the change in which the page before has ended, some frames are told.
      const untold = isInside && index === start.change ? start.frame : Infinity;
      const frames = untold === 0 ? [] : await page.hear(segment, index, 0, following);
      const begins = frames.map((_, frame) => (frame === 0 ? change : frames[frame - 1]!.after));
      for (let frame = frames.length - 1; frame >= 0; frame -= 1) {
        if (begins[frame]!.frame >= untold) continue;
        page.add(frames[frame]!.json);
        this.position = begins[frame]!;
      }
      this.position = change;
    }
  }
}
