import type { Change } from '../log/change.ts';
import type { Position } from '../log/cursor.ts';
import { startOf } from '../log/cursor.ts';
import type { Segment } from '../log/segment.ts';
import { afterChange } from '../subscription/frames-from.ts';
import { PageEnd } from './history-page.ts';
import type { HistoryOrder, Walk } from './order.ts';

/** Through the history from its oldest event to its newest. The position is that of the next frame. */
export class OldestFirst implements HistoryOrder {
  readonly #walk: Walk;
  position: Position;

  constructor(walk: Walk, from: Position) {
    this.#walk = walk;
    this.position = from;
  }

  async fill(): Promise<void> {
    const { reader, clock, workspace, head, page } = this.#walk;
    while (this.position.segment <= head.last) {
      if (page.pace.isSpent) throw new PageEnd();
      const found = await reader.readBelow(workspace, head, this.position.segment, page.pace.most);
      if (found.kind !== 'segments') {
        page.missing = 'history_expired';
        await this.#skipExpired();
        continue;
      }
      page.pace.spendOnSegments(found.units, clock.now());
      for (const [index, segment] of found.segments.entries()) {
        await this.#tell(segment, found.segments.slice(index + 1));
      }
    }
  }

  /** What the position stood for has expired since the page before. */
  async #skipExpired(): Promise<void> {
    const { reader, clock, workspace, head, page } = this.#walk;
    const { segment, units } = await reader.seek(workspace, head, 0);
    page.pace.spend(units, clock.now());
    this.position = startOf(head.log, segment > this.position.segment ? segment : head.last + 1);
  }

  async #tell(segment: Segment, later: readonly Segment[]): Promise<void> {
    const { page } = this.#walk;
    const { changes } = segment;
    for (let index = this.position.change; index < changes.length; index += 1) {
      const following = (): Change[] => [...changes.slice(index), ...later.flatMap((each) => each.changes)];
      for (const { json, after } of await page.hear(segment, index, this.position.frame, following)) {
        page.add(json);
        this.position = after;
      }
      this.position = afterChange(segment, index);
    }
  }
}
