import type { AppendStore } from '../../core/log/append.ts';
import type { ReadStore, SegmentPage } from '../../core/log/segment-cache.ts';
import type { Head, Segment } from '../../core/log/segment.ts';

/** The events table in memory, with its two conditions. Every call first waits for `turn`, where a test can interleave. */
export class MemoryLog implements AppendStore, ReadStore {
  readonly #heads = new Map<string, Head>();
  readonly #segments = new Map<string, Map<number, Segment>>();
  readonly #turn: () => Promise<void>;
  /** How many segments a page of `readSegments` holds. */
  pageSize = 3;
  /** Calls of `readHead` and `readSegments`, for tests of cost. */
  reads = 0;
  /** Makes what each read throws; undefined when reads work. */
  fail: (() => Error) | undefined;

  constructor(turn: () => Promise<void> = async () => undefined) {
    this.#turn = turn;
  }

  async readHead(workspace: string): Promise<Head | undefined> {
    await this.#turn();
    this.#countRead();
    return this.#heads.get(workspace);
  }

  async readSegments(workspace: string, from: number): Promise<SegmentPage> {
    await this.#turn();
    this.#countRead();
    const all = this.segments(workspace).filter(({ segment }) => segment >= from);
    return { segments: all.slice(0, this.pageSize), more: all.length > this.pageSize };
  }

  async *readBack(workspace: string, to: number): AsyncIterable<Segment> {
    for (const segment of this.segments(workspace).toReversed()) {
      await this.#turn();
      if (segment.segment <= to) yield segment;
    }
  }

  async append(
    workspace: string,
    segment: Segment,
    expected: Head | undefined,
    next: Head,
  ): Promise<boolean> {
    await this.#turn();
    const head = this.#heads.get(workspace);
    const headIsExpected = head?.log === expected?.log && head?.last === expected?.last;
    const segments = this.#segments.get(workspace) ?? new Map<number, Segment>();
    if (!headIsExpected || segments.has(segment.segment)) return false;
    this.#segments.set(workspace, segments.set(segment.segment, segment));
    this.#heads.set(workspace, next);
    return true;
  }

  #countRead(): void {
    this.reads += 1;
    if (this.fail) throw this.fail();
  }

  /** What the table holds, in order. */
  segments(workspace: string): readonly Segment[] {
    return [...(this.#segments.get(workspace)?.values() ?? [])].toSorted((a, b) => a.segment - b.segment);
  }

  /** As when a table is restored or TTL deletes items. */
  drop(workspace: string, upTo = Infinity): void {
    for (const { segment } of this.segments(workspace)) {
      if (segment <= upTo) this.#segments.get(workspace)?.delete(segment);
    }
    if (upTo === Infinity) this.#heads.delete(workspace);
  }
}
