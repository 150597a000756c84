import type { Change } from '../change.ts';
import type { Head, Segment } from './segment.ts';
import { splitIntoSegments } from './segment.ts';

/** What appending needs of the events table. */
export interface AppendStore {
  /** The head, read consistently; undefined where the workspace has no log yet. */
  readHead(workspace: string): Promise<Head | undefined>;
  /** Segments up to `to`, newest first, read consistently, a page at a time until the caller stops. */
  readBack(workspace: string, to: number): AsyncIterable<Segment>;
  /**
   * In one transaction: puts the segment, which must not exist, and moves the head, which must still be `expected`.
   * @returns false when either condition failed, or when nobody can tell whether the transaction happened.
   * @throws when the store cannot be reached or refuses for another reason.
   */
  append(workspace: string, segment: Segment, expected: Head | undefined, next: Head): Promise<boolean>;
}

/** Changes of one workspace from one stream batch, in the stream's order. */
export interface Batch {
  readonly workspace: string;
  /** Label of the stream. */
  readonly stream: string;
  readonly changes: readonly Change[];
}

export interface AppendOptions {
  readonly now: () => number;
  /** Makes the identity of a new log: 16 hexadecimal digits. */
  readonly newLog: () => string;
  /** How long readers find a segment, seconds. */
  readonly historySeconds: number;
  /** How often to start again after a lost race before the batch is given back for a retry. */
  readonly attempts?: number;
}

/** Another writer kept winning; the batch is safe to retry. */
export class AppendContention extends Error {
  override readonly name = 'AppendContention';
}

/**
 * Appends a batch to its workspace's log, each change exactly once: whatever of it is in the log already, from an
 * earlier delivery, another writer or a transaction whose answer was lost, is found there and left out.
 * @returns how many changes it appended.
 * @throws {AppendContention} after too many lost races; whatever the store throws.
 */
export async function appendBatch(store: AppendStore, batch: Batch, options: AppendOptions): Promise<number> {
  const { workspace, stream } = batch;
  const changes = onePerSource(batch.changes);
  let appended = 0;
  for (let attempt = options.attempts ?? 10; attempt > 0; attempt -= 1) {
    let head = await store.readHead(workspace);
    const fresh = await dropKnown(store, { workspace, stream, changes }, head);
    let raced = false;
    for (const run of splitIntoSegments(fresh)) {
      const next = advance(head, stream, run, options);
      const segment: Segment = {
        log: next.log,
        segment: next.last,
        stream,
        at: next.at,
        expires: Math.ceil(next.at / 1000) + options.historySeconds,
        changes: run,
      };
      raced = !(await store.append(workspace, segment, head, next));
      if (raced) break;
      appended += run.length;
      head = next;
    }
    if (!raced) return appended;
  }
  throw new AppendContention(`the log of workspace ${workspace} is contended: the batch will be retried`);
}

/** A batch that holds a record twice counts it once. */
function onePerSource(changes: readonly Change[]): readonly Change[] {
  return [...new Map(changes.map((change) => [change.source, change])).values()];
}

/** The higher of two sequence numbers; they are longer than JavaScript's numbers reach. */
function highest(a: string, b: string): string {
  return BigInt(a) >= BigInt(b) ? a : b;
}

/** The head after an append. Its time never runs backwards, which is what lets `dropKnown` stop reading. */
function advance(
  head: Head | undefined,
  stream: string,
  changes: readonly Change[],
  { now, newLog }: AppendOptions,
): Head {
  const high = changes.map((change) => change.source).reduce((a, b) => highest(a, b));
  return {
    log: head?.log ?? newLog(),
    last: (head?.last ?? 0) + 1,
    stream,
    high: head?.stream === stream ? highest(head.high, high) : high,
    at: Math.max(now(), head?.at ?? 0, ...changes.map((change) => change.at)),
  };
}

/**
 * The changes of a batch that the log does not hold yet. A batch that starts above the highest number of the same
 * stream is new as a whole. Any other is looked up: a segment's time is not before that of its changes and never runs
 * backwards, so the search ends at the first segment older than the oldest change.
 */
async function dropKnown(
  store: AppendStore,
  batch: Batch,
  head: Head | undefined,
): Promise<readonly Change[]> {
  if (!head || batch.changes.length === 0) return batch.changes;
  if (head.stream === batch.stream) {
    const high = BigInt(head.high);
    if (batch.changes.every((change) => BigInt(change.source) > high)) return batch.changes;
  }

  const unknown = new Set(batch.changes.map((change) => change.source));
  const oldest = Math.min(...batch.changes.map((change) => change.at));
  for await (const segment of store.readBack(batch.workspace, head.last)) {
    if (segment.at < oldest || unknown.size === 0) break;
    if (segment.stream !== batch.stream) continue;
    for (const change of segment.changes) unknown.delete(change.source);
  }
  return batch.changes.filter((change) => unknown.has(change.source));
}
