import { setTimeout as wait } from 'node:timers/promises';
import type { DatabaseClient } from '../database-client.ts';
import type { TableStream } from '../tables.ts';
import { deliverBatch } from './batch-delivery.ts';
import type { Deliver, DiscardedBatch } from './batch-delivery.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { MappingSettings } from './mapping.ts';
import { ShardReader } from './shard-reader.ts';

/** What the pump works with. */
export interface StreamPumpOptions {
  readonly database: DatabaseClient;
  readonly stream: TableStream;
  readonly settings: MappingSettings;
  readonly checkpoints: Checkpoints;
  /** Invokes the function. Faults are injected by giving another one. */
  readonly deliver: Deliver;
  readonly discard: (batch: DiscardedBatch, shardId: string) => Promise<void>;
  /** @throws {Error} when the function's role may not do it. */
  readonly authorize: (action: string, resource: string) => void;
  readonly onError: (message: string) => void;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

interface Shard {
  readonly ShardId: string;
  readonly ParentShardId?: string;
}

/** How often new shards are looked for. */
const discoveryMs = 2000;
const retryMs = 500;

/**
 * The event source mapping of a table's stream: reads every shard, parents before children, and delivers batches to
 * the function by the mapping's settings.
 */
export class StreamPump {
  readonly #options: StreamPumpOptions;
  readonly #abort = new AbortController();
  readonly #readers = new Map<string, ShardReader>();
  readonly #finished = new Map<string, Promise<void>>();
  #discovery: Promise<void> = Promise.resolve();

  constructor(options: StreamPumpOptions) {
    this.#options = options;
  }

  /** Begins to read; resolves when the shards that exist are being read. */
  async start(): Promise<void> {
    await this.#discover();
    this.#discovery = this.#discoverForever();
  }

  /** Polls at once, after a write that the stack itself saw. */
  wake(): void {
    for (const reader of this.#readers.values()) reader.wake();
  }

  /** Resolves when every record that the stream held at the time of the call is done: delivered or discarded. */
  async drained(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.drained()));
  }

  /** Stops reading; a batch in flight is left to its function. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.wake();
    await Promise.all([this.#discovery, ...this.#finished.values()]);
    this.#options.checkpoints.save();
  }

  async #discoverForever(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await wait(discoveryMs, undefined, { signal, ref: false });
        await this.#discover();
      } catch (error) {
        this.#report(error);
      }
    }
  }

  async #discover(): Promise<void> {
    const { database, stream, authorize } = this.#options;
    const shards: Shard[] = [];
    let after: string | undefined;
    do {
      authorize('dynamodb:DescribeStream', stream.arn);
      const { StreamDescription: page } = await database.call<{
        StreamDescription: { Shards: Shard[]; LastEvaluatedShardId?: string };
      }>('DynamoDBStreams_20120810.DescribeStream', {
        StreamArn: stream.databaseArn,
        ...(after !== undefined && { ExclusiveStartShardId: after }),
      });
      shards.push(...page.Shards);
      after = page.LastEvaluatedShardId;
    } while (after !== undefined);
    for (const { ShardId } of shards) {
      if (!this.#readers.has(ShardId)) this.#readers.set(ShardId, this.#createReader(ShardId));
    }
    for (const { ShardId, ParentShardId } of shards) {
      if (!this.#finished.has(ShardId)) this.#finished.set(ShardId, this.#readShard(ShardId, ParentShardId));
    }
  }

  #createReader(shardId: string): ShardReader {
    const { database, stream, settings, checkpoints, authorize, deliver, discard, now } = this.#options;
    const { signal } = this.#abort;
    return new ShardReader({
      database,
      stream,
      shardId,
      startingPosition: settings.startingPosition,
      batchSize: settings.batchSize,
      batchingWindowMs: settings.batchingWindowSeconds * 1000,
      accepts: settings.accepts,
      checkpoints,
      authorize: (action) => authorize(action, stream.arn),
      deliver: (records) =>
        deliverBatch(records, settings, {
          deliver,
          discard: (batch) => discard(batch, shardId),
          now: now ?? Date.now,
          signal,
        }),
      signal,
    });
  }

  async #readShard(shardId: string, parentId: string | undefined): Promise<void> {
    // The map may get the parent's entry only after this call, in the same turn.
    await Promise.resolve();
    if (parentId !== undefined) await this.#finished.get(parentId);
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#readers.get(shardId)?.run();
        return;
      } catch (error) {
        this.#report(error);
        await wait(retryMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  #report(error: unknown): void {
    if (!this.#abort.signal.aborted) this.#options.onError(`stream pump: ${(error as Error).message}`);
  }
}
