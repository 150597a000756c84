import type { Segment } from './segment.ts';
import { isKept } from './segment.ts';

/** Segments that were read, up to a number of bytes; the ones used longest ago go first. */
export class SegmentCache {
  readonly #limit: number;
  readonly #kept = new Map<string, { readonly segment: Segment; readonly bytes: number }>();
  #bytes = 0;

  /** @param limit what to hold at the most, bytes of JSON. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Remembers segments of one workspace. */
  keep(workspace: string, segments: readonly Segment[]): void {
    for (const segment of segments) {
      const key = `${keyOf(workspace, segment.log)}/${segment.segment}`;
      if (this.#kept.has(key)) continue;
      const bytes = JSON.stringify(segment.changes).length;
      this.#kept.set(key, { segment, bytes });
      this.#bytes += bytes;
    }
    for (const [key, { bytes }] of this.#kept) {
      if (this.#bytes <= this.#limit) break;
      this.#kept.delete(key);
      this.#bytes -= bytes;
    }
  }

  /** The remembered segments that follow each other from number `from`, without the expired, up to a number of them. */
  runFrom(workspace: string, log: string, from: number, now: number, most: number): readonly Segment[] {
    const run: Segment[] = [];
    for (let number = from; number < from + most; number += 1) {
      const key = `${keyOf(workspace, log)}/${number}`;
      const entry = this.#kept.get(key);
      if (!entry || !isKept(entry.segment, now)) return run;
      this.#kept.delete(key);
      this.#kept.set(key, entry);
      run.push(entry.segment);
    }
    return run;
  }
}

/** The name of a log; workspace names hold no slash. */
export function keyOf(workspace: string, log: string): string {
  return `${workspace}/${log}`;
}
