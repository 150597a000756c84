import type { BatchWriteCommandInput, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BatchGetCommand, BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import DataLoader from 'dataloader';
import type { Clock, Random } from '../../../core/clock.ts';
import { jitter } from '../../../core/clock.ts';
import type { Consistency, Item, ItemKey, Items } from './items.ts';
import { SingleItems } from './items.ts';

/** The most items that one request reads or writes. Source: BatchGetItem and BatchWriteItem, DynamoDB API reference. */
const mostRead = 100;
const mostWritten = 25;

/** Between two requests of a kind at the least, milliseconds: what comes meanwhile waits for the next. */
const gatherMs = 5;

/** How often a table is asked for the same items at the most; each time it has done some of them, or the request fails. */
const mostRounds = 8;

/** How long it waits before the second round at the most, and before a later one, milliseconds; twice as long each time. */
const firstPauseMs = 50;
const longestPauseMs = 400;

/** A table did not read or write an item, again and again; it has a name by which it is known as load. */
class LeftUndone extends Error {
  override name = 'ProvisionedThroughputExceededException';
}

type WriteRequest = NonNullable<BatchWriteCommandInput['RequestItems']>[string][number];

/** One of the two ways to write. */
interface WriteKind<Written> {
  readonly alone: (item: Written) => Promise<void>;
  readonly asRequest: (item: Written) => WriteRequest;
}

export interface GatheredItemsOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** Names of the table's key attributes. */
  readonly keyNames: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Reads and writes single items for all the streams of a process: those that are asked for in the same moment go in one
 * request. A request is a millisecond of the processor, most of it in the SDK, and a process to which a thousand clients
 * come back makes five for each. What comes alone goes at once, and as it would without this.
 *
 * A request is not begun before it was asked for, so that a read sees whatever was written before. The keys must be
 * such as DynamoDB takes: one that it does not makes the request fail for all.
 */
export class GatheredItems implements Items {
  readonly #options: GatheredItemsOptions;
  readonly #single: SingleItems;
  readonly #reads: Readonly<Record<Consistency, DataLoader<ItemKey, Item | undefined>>>;
  readonly #puts: DataLoader<Item, undefined>;
  readonly #removals: DataLoader<ItemKey, undefined>;

  constructor(options: GatheredItemsOptions) {
    const { client, table } = options;
    this.#options = options;
    this.#single = new SingleItems(client, table);
    const reads = (consistency: Consistency): DataLoader<ItemKey, Item | undefined> =>
      this.#gather(mostRead, (keys) => this.#get(keys, consistency));
    this.#reads = { consistent: reads('consistent'), eventual: reads('eventual') };
    const puts = { alone: (item: Item) => this.#single.put(item), asRequest: putRequest };
    const removals = { alone: (key: ItemKey) => this.#single.remove(key), asRequest: deleteRequest };
    this.#puts = this.#gather(mostWritten, (items) => this.#write(items, puts));
    this.#removals = this.#gather(mostWritten, (keys) => this.#write(keys, removals));
  }

  get(key: ItemKey, consistency: Consistency): Promise<Item | undefined> {
    return this.#reads[consistency].load(key);
  }

  async put(item: Item): Promise<void> {
    await this.#puts.load(item);
  }

  async remove(key: ItemKey): Promise<void> {
    await this.#removals.load(key);
  }

  /** @param send sends what was gathered; gives a result for each, or why there is none. */
  #gather<Wanted, Result>(
    most: number,
    send: (wanted: readonly Wanted[]) => Promise<readonly (Result | Error)[]>,
  ): DataLoader<Wanted, Result> {
    const { clock } = this.#options;
    let nextAt = -Infinity;
    return new DataLoader(send, {
      cache: false,
      maxBatchSize: most,
      batchScheduleFn: (dispatch) => {
        const now = clock.now();
        const waitMs = Math.min(nextAt - now, gatherMs);
        nextAt = now + Math.max(waitMs, 0) + gatherMs;
        if (waitMs > 0) void clock.sleep(waitMs).then(dispatch);
        else queueMicrotask(dispatch);
      },
    });
  }

  async #get(
    keys: readonly ItemKey[],
    consistency: Consistency,
  ): Promise<readonly (Item | undefined | Error)[]> {
    const { client, table } = this.#options;
    const wanted = new Map(keys.map((key) => [this.#nameOf(key), key]));
    if (wanted.size === 1) {
      const item = await this.#single.get(keys[0]!, consistency);
      return keys.map(() => item);
    }
    const found = new Map<string, Item>();
    const failures = await this.#inRounds(wanted, async (left) => {
      const request = { Keys: [...left.values()], ConsistentRead: consistency === 'consistent' };
      const { Responses: items, UnprocessedKeys: unprocessed } = await client.send(
        new BatchGetCommand({ RequestItems: { [table]: request } }),
      );
      for (const item of items?.[table] ?? []) found.set(this.#nameOf(item), item);
      return unprocessed?.[table]?.Keys ?? [];
    });
    return keys.map((key) => failures.get(this.#nameOf(key)) ?? found.get(this.#nameOf(key)));
  }

  async #write<Written extends Item>(
    items: readonly Written[],
    { alone, asRequest }: WriteKind<Written>,
  ): Promise<readonly (undefined | Error)[]> {
    const { client, table } = this.#options;
    const wanted = new Map(items.map((item) => [this.#nameOf(item), item]));
    if (wanted.size === 1) {
      await alone(items.at(-1)!);
      return items.map(() => undefined);
    }
    const failures = await this.#inRounds(wanted, async (left) => {
      const { UnprocessedItems: unprocessed } = await client.send(
        new BatchWriteCommand({ RequestItems: { [table]: [...left.values()].map(asRequest) } }),
      );
      return (unprocessed?.[table] ?? []).flatMap(
        ({ PutRequest: put, DeleteRequest: removal }) => put?.Item ?? removal?.Key ?? [],
      );
    });
    return items.map((item) => failures.get(this.#nameOf(item)));
  }

  /**
   * Asks for items, and a few times again for those that were left undone.
   * @param ask gives those, or their keys.
   * @returns why some have failed in the end, by their names.
   */
  async #inRounds<Wanted extends Item>(
    wanted: ReadonlyMap<string, Wanted>,
    ask: (left: ReadonlyMap<string, Wanted>) => Promise<readonly Item[]>,
  ): Promise<ReadonlyMap<string, Error>> {
    const { clock, random } = this.#options;
    let left = wanted;
    const failed = (error: Error): ReadonlyMap<string, Error> =>
      new Map([...left.keys()].map((name) => [name, error]));
    for (let round = 1; ; round += 1) {
      try {
        const undone = new Set((await ask(left)).map((item) => this.#nameOf(item)));
        left = new Map([...left].filter(([name]) => undone.has(name)));
      } catch (error) {
        return failed(error as Error);
      }
      if (left.size === 0) return new Map();
      if (round === mostRounds) return failed(new LeftUndone('a table left items undone'));
      const pauseMs = Math.min(firstPauseMs * 2 ** (round - 1), longestPauseMs);
      await clock.sleep(pauseMs * jitter(random, 0.5, 1));
    }
  }

  /** What tells an item from all others of the table. */
  #nameOf(item: Item): string {
    return JSON.stringify(this.#options.keyNames.map((name) => item[name]));
  }
}

function putRequest(item: Item): WriteRequest {
  return { PutRequest: { Item: item } };
}

function deleteRequest(key: ItemKey): WriteRequest {
  return { DeleteRequest: { Key: key } };
}
