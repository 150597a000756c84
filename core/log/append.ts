import type { Change, ResyncChange } from './change.ts';
import { writtenAt } from './change.ts';
import type { LogIdentity } from './cursor.ts';
import type { Followed, Head, Segment } from './segment.ts';
import { splitIntoSegments } from './segment.ts';

/** What appending needs of the events table. */
export interface AppendStore {
  /** The head, read consistently; undefined where the workspace has no log yet. */
  readHead(workspace: string): Promise<Head | undefined>;
  /** Segments up to `to`, newest first, read consistently, a page at a time until the caller stops. */
  readBack(workspace: string, to: number): AsyncIterable<Segment>;
  /**
   * In one transaction: puts the segment, which must not exist, and moves the head, which must still be `expected`. The
   * identity and the key of a head that is there stay what they are, whatever `next` says.
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
  /** Makes the identity of a new log. */
  readonly newLog: () => LogIdentity;
  /** How long readers find a segment, seconds. */
  readonly historySeconds: number;
  /** How often to start again after a lost race before the batch is given back for a retry. */
  readonly attempts?: number;
}

/** What a batch has added to the log of its workspace. */
export interface Appended {
  /** How many changes; 0 where the log held all of them. */
  readonly changes: number;
  /** When each of them was written, epoch milliseconds; none for a `resync`. */
  readonly written: readonly number[];
  /** The segments that hold them, in their order; those of another writer may lie between them. */
  readonly segments: readonly Pick<Segment, 'log' | 'segment'>[];
}

/** Lower than every sequence number: the source of a `resync` that no record has brought about. */
export const beforeAll = '0';

/** Another writer kept winning; the batch is safe to retry. */
export class AppendContention extends Error {
  override readonly name = 'AppendContention';
}

/**
 * Appends a batch to its workspace's log, each change exactly once: whatever of it is in the log already, from an
 * earlier delivery, another writer or a transaction whose answer was lost, is found there and left out. Where the
 * batch is of another stream than the log follows, a `resync` goes with it (see `arrange`).
 * @returns what it appended, as far as it knows: not what was found although an answer was lost.
 * @throws {AppendContention} after too many lost races; whatever the store throws.
 */
export async function appendBatch(
  store: AppendStore,
  batch: Batch,
  options: AppendOptions,
): Promise<Appended> {
  return appendArranged(store, batch, options, (changes, head) => arrange(changes, batch.stream, head));
}

/**
 * As `appendBatch`, for a batch that comes too late to be told: one `resync` stands for all of it that the log does not
 * hold yet.
 * @returns 1, or 0 where the log holds everything.
 */
export async function appendResync(
  store: AppendStore,
  batch: Batch,
  options: AppendOptions,
): Promise<number> {
  return (await appendArranged(store, batch, options, allAsOne)).changes;
}

async function appendArranged(
  store: AppendStore,
  batch: Batch,
  options: AppendOptions,
  arrangeFresh: (changes: readonly Change[], head: Head | undefined) => readonly Change[],
): Promise<Appended> {
  const { workspace, stream } = batch;
  const changes = onePerSource(batch.changes);
  const appended: Segment[] = [];
  for (let attempt = options.attempts ?? 10; attempt > 0; attempt -= 1) {
    let head = await store.readHead(workspace);
    const fresh = await dropKnown(store, { workspace, stream, changes }, head);
    let raced = false;
    for (const run of splitIntoSegments(arrangeFresh(fresh, head))) {
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
      appended.push(segment);
      head = next;
    }
    if (raced) continue;
    const all = appended.flatMap((segment) => segment.changes);
    const written = all.flatMap((change) => (change.kind === 'task' ? [writtenAt(change)] : []));
    return { changes: all.length, written, segments: appended };
  }
  throw new AppendContention(`the log of workspace ${workspace} is contended: the batch will be retried`);
}

/**
 * Puts changes of another stream than the log follows into a form that keeps clients right. Between two streams of a
 * table, or of a table and its restored copy, writes may have been missed: a `resync` comes before the first change of
 * the new one. What was written before the latest change in the log comes too late: told now, it could undo what is
 * newer, so a `resync` takes its place, and the log goes on with its stream.
 */
function arrange(changes: readonly Change[], stream: string, head: Head | undefined): readonly Change[] {
  if (!head?.follows || head.follows.stream === stream || changes.length === 0) return changes;
  const late = changes.filter(({ at }) => at < head.newest);
  const timely = changes.filter(({ at }) => at >= head.newest);
  const [first] = timely;
  if (!first) return [resyncFor(late)];
  const covers = late.map(({ source }) => source);
  return [{ kind: 'resync', source: beforeAll, at: first.at, covers }, ...timely];
}

/** What stands for changes that come too late to be told. */
function allAsOne(changes: readonly Change[]): readonly Change[] {
  return changes.length > 0 ? [resyncFor(changes)] : [];
}

/** One `resync` in the place of changes, at least one, that carries all their sources. */
function resyncFor(changes: readonly Change[]): ResyncChange {
  const { source, at } = changes.at(-1)!;
  return { kind: 'resync', source, at, covers: changes.slice(0, -1).map((change) => change.source) };
}

/** The records that a change stands for. */
function sourcesOf(change: Change): readonly string[] {
  return change.kind === 'resync' && change.covers ? [change.source, ...change.covers] : [change.source];
}

/** A batch that holds a record twice counts it once. */
function onePerSource(changes: readonly Change[]): readonly Change[] {
  return [...new Map(changes.map((change) => [change.source, change])).values()];
}

/** The higher of two sequence numbers; they are longer than JavaScript's numbers reach. */
function highest(a: string, b: string): string {
  return BigInt(a) >= BigInt(b) ? a : b;
}

/**
 * The head after an append of changes, at least one. Its time never runs backwards, which is what lets `dropKnown` stop
 * reading. It goes over to another stream unless all that was appended came too late.
 */
export function advance(
  head: Head | undefined,
  stream: string,
  changes: readonly Change[],
  { now, newLog }: Pick<AppendOptions, 'now' | 'newLog'>,
): Head {
  const high = changes.flatMap(sourcesOf).reduce((a, b) => highest(a, b));
  const times = changes.map((change) => change.at);
  const place = {
    ...(head ?? newLog()),
    last: (head?.last ?? 0) + 1,
    at: Math.max(now(), head?.at ?? 0, ...times),
  };
  const newest = Math.max(head?.newest ?? 0, ...times);
  if (!head?.follows) return { ...place, follows: { stream, high }, newest };
  const { follows, previous } = head;
  if (follows.stream === stream) return { ...place, follows: raise(follows, high), newest };

  const known = previous?.stream === stream ? raise(previous, high) : { stream, high };
  if (Math.min(...times) >= head.newest) return { ...place, follows: known, newest, previous: follows };
  return { ...place, follows, newest: head.newest, previous: previous?.stream === stream ? known : previous };
}

function raise({ stream, high }: Followed, to: string): Followed {
  return { stream, high: highest(high, to) };
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
  // Where the log follows no stream yet, nothing was ever appended.
  if (!head?.follows || batch.changes.length === 0) return batch.changes;
  if (head.follows.stream === batch.stream) {
    const high = BigInt(head.follows.high);
    if (batch.changes.every((change) => BigInt(change.source) > high)) return batch.changes;
  }

  const unknown = new Set(batch.changes.map((change) => change.source));
  const oldest = Math.min(...batch.changes.map((change) => change.at));
  for await (const segment of store.readBack(batch.workspace, head.last)) {
    if (segment.at < oldest || unknown.size === 0) break;
    if (segment.stream !== batch.stream) continue;
    for (const source of segment.changes.flatMap(sourcesOf)) unknown.delete(source);
  }
  return batch.changes.filter((change) => unknown.has(change.source));
}
