import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseError } from '../database-client.ts';
import type { DatabaseClient } from '../database-client.ts';
import type { TableStream } from '../tables.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { RecordFilter } from './filter.ts';
import { asLambdaRecord } from './stream-record.ts';
import type { StreamRecord } from './stream-record.ts';

/** How a shard is read. */
export interface ShardReaderOptions {
  readonly database: DatabaseClient;
  readonly stream: TableStream;
  readonly shardId: string;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly batchSize: number;
  /** Milliseconds that a batch may wait to fill. */
  readonly batchingWindowMs: number;
  readonly accepts: RecordFilter;
  readonly checkpoints: Checkpoints;
  /** @throws {Error} when the function's role may not read the stream. */
  readonly authorize: (action: string) => void;
  /** Resolves when every record of the batch is done. */
  readonly deliver: (records: readonly StreamRecord[], shardId: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Lambda polls four times a second; here latency matters more than the number of polls. */
const busyPollMs = 5;
const idlePollMs = 25;
/**
 * Errors after which the shard is opened anew: the iterator is too old, or stands before the oldest record, so that all
 * there is comes after it. DynamoDB Local gives the second one for an iterator of an empty shard, too.
 */
const lostPositions = new Set(['ExpiredIteratorException', 'TrimmedDataAccessException']);
/** The most that GetRecords gives. */
const readLimit = 1000;

/** Reads one shard in order and delivers its records in batches, one at a time. */
export class ShardReader {
  readonly #options: ShardReaderOptions;
  readonly #drainWaiters: Array<{ readonly notBefore: number; readonly resolve: () => void }> = [];
  #iterator: string | undefined;
  #isTrimmed = false;
  #isAtEnd = false;
  #polls = 0;
  #wake: (() => void) | undefined;
  #isWoken = false;

  constructor(options: ShardReaderOptions) {
    this.#options = options;
  }

  /** Polls at once: somebody knows that there is something to read. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Resolves when every record that was in the shard at the time of the call is done. */
  drained(): Promise<void> {
    const { signal } = this.#options;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drainWaiters.push({ notBefore: this.#polls + 1, resolve });
      this.wake();
    });
  }

  /** Reads until the shard is closed and read to its end, or the signal ends it. */
  async run(): Promise<void> {
    const { signal, deliver, batchSize, checkpoints, stream, shardId } = this.#options;
    let isBusy = false;
    try {
      for (;;) {
        const poll = ++this.#polls;
        const page = await this.#read();
        if (page === undefined) return;
        let { records } = page;
        if (records.length > 0 && page.count < batchSize) records = await this.#fill(records);
        for (let start = 0; start < records.length; start += batchSize) {
          const batch = records.slice(start, start + batchSize);
          await deliver(batch, shardId);
          checkpoints.set(stream.arn, shardId, batch.at(-1)?.dynamodb.SequenceNumber ?? '');
        }
        if (page.count === 0) this.#resolveDrained(poll);
        if (page.count > 0) isBusy = true;
        else await this.#pause(isBusy ? busyPollMs : idlePollMs, () => (isBusy = false));
        signal.throwIfAborted();
      }
    } finally {
      for (const { resolve } of this.#drainWaiters.splice(0)) resolve();
    }
  }

  /** Waits for the batching window, unless the batch is full before. */
  async #fill(first: StreamRecord[]): Promise<StreamRecord[]> {
    const { batchingWindowMs, batchSize, signal } = this.#options;
    const end = performance.now() + batchingWindowMs;
    const records = [...first];
    while (records.length < batchSize && performance.now() < end) {
      await wait(Math.min(idlePollMs, batchingWindowMs), undefined, { signal });
      records.push(...((await this.#read())?.records ?? []));
    }
    return records;
  }

  /** One GetRecords; undefined at the end of a closed shard. */
  async #read(): Promise<{ records: StreamRecord[]; count: number } | undefined> {
    if (this.#isAtEnd) return undefined;
    const { database, stream, accepts, authorize } = this.#options;
    let page: { Records: StreamRecord[]; NextShardIterator?: string };
    try {
      this.#iterator ??= await this.#openIterator();
      authorize('dynamodb:GetRecords');
      page = await database.call('DynamoDBStreams_20120810.GetRecords', {
        ShardIterator: this.#iterator,
        Limit: readLimit,
      });
    } catch (error) {
      if (!(error instanceof DatabaseError && lostPositions.has(error.name))) throw error;
      this.#iterator = undefined;
      this.#isTrimmed = error.name === 'TrimmedDataAccessException';
      return { records: [], count: 1 };
    }
    this.#isAtEnd = page.NextShardIterator === undefined;
    if (this.#isAtEnd && page.Records.length === 0) return undefined;
    this.#iterator = page.NextShardIterator;
    const records = page.Records.map((record) => asLambdaRecord(record, stream)).filter(accepts);
    return { records, count: page.Records.length };
  }

  async #openIterator(): Promise<string> {
    const { database, stream, shardId, startingPosition, checkpoints, authorize } = this.#options;
    authorize('dynamodb:GetShardIterator');
    const checkpoint = this.#isTrimmed ? undefined : checkpoints.get(stream.arn, shardId);
    const { ShardIterator } = await database.call<{ ShardIterator: string }>(
      'DynamoDBStreams_20120810.GetShardIterator',
      {
        StreamArn: stream.databaseArn,
        ShardId: shardId,
        ...(checkpoint === undefined
          ? { ShardIteratorType: this.#isTrimmed ? 'TRIM_HORIZON' : startingPosition }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: checkpoint }),
      },
    );
    this.#isTrimmed = false;
    return ShardIterator;
  }

  async #pause(milliseconds: number, onQuiet: () => void): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          onQuiet();
          resolve();
        }, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.#isWoken = false;
  }

  #resolveDrained(poll: number): void {
    const waiting = this.#drainWaiters.splice(0);
    for (const waiter of waiting) {
      if (waiter.notBefore <= poll) waiter.resolve();
      else this.#drainWaiters.push(waiter);
    }
  }
}
