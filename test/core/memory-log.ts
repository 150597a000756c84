import type { LogIdentity } from '../../core/log/cursor.ts';
import type { AppendStore } from '../../core/log/append.ts';
import type { PageRead, ReadStore, SegmentPage } from '../../core/log/read-store.ts';
import type { Head, OpenHead, Segment } from '../../core/log/segment.ts';

/** The identity of each log that a test makes; the key is as random as any. */
export const sampleLog: LogIdentity = {
  log: 'fedcba9876543210',
  key: Buffer.alloc(32, 'a key of thirty-two bytes ......').toString('base64url'),
};

/** The events table in memory, with its conditions. Every call first waits for `turn`, where a test can interleave. */
export class MemoryLog implements AppendStore, ReadStore {
  readonly #heads = new Map<string, Head>();
  readonly #segments = new Map<string, Map<number, Segment>>();
  readonly #turn: () => Promise<void>;
  /** How many segments a page of `readSegments` holds at the most. */
  pageSize = 3;
  /** What a segment costs to read, units. */
  unitsPerSegment = 0.5;
  /** What was read of segments, units. */
  units = 0;
  /** How many of the last segments a read that is not consistent does not see yet. */
  lag = 0;
  /** Calls of `readHead`, `openHead` and `readSegments`, for tests of cost. */
  reads = 0;
  /** Makes what each read throws; undefined when reads work. */
  fail: (() => Error) | undefined;
  /** Gives each log that a reader makes its identity. */
  newLog = (): LogIdentity => sampleLog;

  constructor(turn: () => Promise<void> = async () => undefined) {
    this.#turn = turn;
  }

  async readHead(workspace: string): Promise<Head | undefined> {
    await this.#turn();
    this.#countRead();
    return this.#heads.get(workspace);
  }

  async openHead(workspace: string): Promise<OpenHead> {
    const head = await this.readHead(workspace);
    if (head?.key !== undefined) return head as OpenHead;
    await this.#turn();
    const empty: Head = { ...this.newLog(), last: 0, follows: undefined, newest: 0, at: 0 };
    const there = this.#heads.get(workspace);
    const made = { ...empty, ...there, key: there?.key ?? empty.key! };
    this.#heads.set(workspace, made);
    return made;
  }

  async readIdentity(workspace: string): Promise<LogIdentity> {
    return this.openHead(workspace);
  }

  async readSegments(workspace: string, from: number, { most, consistent }: PageRead): Promise<SegmentPage> {
    await this.#turn();
    this.#countRead();
    const all = this.segments(workspace);
    const seen = consistent ? all : all.slice(0, all.length - this.lag);
    const found = seen.filter(({ segment }) => segment >= from);
    const segments = found.slice(0, Math.min(most, this.pageSize));
    const units = Math.max(0.5, segments.length * this.unitsPerSegment) * (consistent ? 2 : 1);
    this.units += units;
    return { segments, more: found.length > segments.length, units };
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
    // As the table does it: the identity of a head that is there is not touched.
    this.#heads.set(workspace, head ? { ...next, log: head.log, key: head.key } : next);
    return true;
  }

  /** As an operator's repair: a segment and a head, in the place of one that is still as expected. */
  async replace(
    workspace: string,
    segment: Segment,
    expected: Pick<Head, 'log' | 'last'> | undefined,
    next: Head,
  ): Promise<boolean> {
    await this.#turn();
    const head = this.#heads.get(workspace);
    const segments = this.#segments.get(workspace) ?? new Map<number, Segment>();
    if (head?.log !== expected?.log || head?.last !== expected?.last || segments.has(segment.segment))
      return false;
    this.#segments.set(workspace, segments.set(segment.segment, segment));
    this.#heads.set(workspace, next);
    return true;
  }

  /** As when somebody writes a head, or takes it away. */
  putHead(workspace: string, head: Head | undefined): void {
    if (head) this.#heads.set(workspace, head);
    else this.#heads.delete(workspace);
  }

  #countRead(): void {
    this.reads += 1;
    if (this.fail) throw this.fail();
  }

  /** What the table holds, in order. */
  segments(workspace: string): readonly Segment[] {
    return [...(this.#segments.get(workspace)?.values() ?? [])].toSorted((a, b) => a.segment - b.segment);
  }

  /** The head as it is, without a read. */
  head(workspace: string): Head | undefined {
    return this.#heads.get(workspace);
  }

  /** As when a table is restored or TTL deletes items. */
  drop(workspace: string, upTo = Infinity): void {
    for (const { segment } of this.segments(workspace)) {
      if (segment <= upTo) this.#segments.get(workspace)?.delete(segment);
    }
    if (upTo === Infinity) this.#heads.delete(workspace);
  }

  /** As a head of an older version, which has no key. */
  forgetKey(workspace: string): void {
    const { key: _, ...head } = this.#heads.get(workspace)!;
    this.#heads.set(workspace, head);
  }
}
