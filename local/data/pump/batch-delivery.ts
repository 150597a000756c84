import { setTimeout as wait } from 'node:timers/promises';
import { isThrottle } from '../../functions/invocation.ts';
import type { StreamRecord } from './stream-record.ts';

/** Hands one batch to the function and gives what it returned; rejects when the function fails. */
export type Deliver = (records: readonly StreamRecord[]) => Promise<unknown>;

/** Why Lambda gives a batch up. */
export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** A batch that is given up. */
export interface DiscardedBatch {
  readonly condition: DiscardCondition;
  readonly records: readonly StreamRecord[];
  readonly invokeCount: number;
  /** The error of the last attempt; undefined when the function returned normally. */
  readonly error: Error | undefined;
}

/** Settings of an event source mapping that decide what happens to a failed batch; -1 means no limit. */
export interface DeliverySettings {
  readonly reportsItemFailures: boolean;
  readonly bisectsOnError: boolean;
  readonly maximumRetryAttempts: number;
  readonly maximumRecordAgeSeconds: number;
}

/** What the delivery needs from its surroundings. */
export interface DeliveryContext {
  readonly deliver: Deliver;
  readonly discard: (batch: DiscardedBatch) => Promise<void>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Ends the waiting between attempts when the stack closes. */
  readonly signal: AbortSignal;
}

/** Lambda waits up to a minute between attempts; a laptop's stack does not. */
const firstBackoffMs = 50;
const longestBackoffMs = 2000;

interface Part {
  readonly records: readonly StreamRecord[];
  readonly attempts: number;
  readonly invokeCount: number;
}

/**
 * Delivers one batch of a shard until every record of it is done: accepted or discarded. Records keep their order.
 *
 * Lambda's rules: a function that is refused for load is tried again until it runs; a partial failure moves the start to
 * the lowest reported record; an error splits the batch in two where the mapping bisects, without using up a retry; records
 * older than the limit are discarded.
 * Source: "Configuring partial batch response with DynamoDB and Lambda", "Retain discarded records for a DynamoDB
 * event source".
 * @throws the signal's reason when the stack closes meanwhile.
 */
export async function deliverBatch(
  records: readonly StreamRecord[],
  settings: DeliverySettings,
  context: DeliveryContext,
): Promise<void> {
  const parts: Part[] = [{ records, attempts: 0, invokeCount: 0 }];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    parts.unshift(...(await deliverPart(part, settings, context)));
  }
}

/** One attempt; gives what is left to deliver, in order. */
async function deliverPart(
  part: Part,
  settings: DeliverySettings,
  context: DeliveryContext,
): Promise<Part[]> {
  const records = await discardTooOld(part, settings, context);
  if (records.length === 0) return [];
  const invokeCount = part.invokeCount + 1;
  let error: Error | undefined;
  let firstFailed = 0;
  try {
    const result = await context.deliver(records);
    firstFailed = settings.reportsItemFailures ? findFirstFailed(records, result) : records.length;
  } catch (thrown) {
    error = thrown as Error;
  }
  context.signal.throwIfAborted();
  if (firstFailed >= records.length) return [];
  const attempts = part.attempts + 1;
  if (isThrottle(error)) {
    await wait(backoffOf(attempts), undefined, { signal: context.signal });
    // Nobody has failed on it.
    return [{ records, attempts: part.attempts, invokeCount: part.invokeCount }];
  }
  if (error !== undefined && settings.bisectsOnError && records.length > 1) {
    const middle = Math.ceil(records.length / 2);
    const halves = [records.slice(0, middle), records.slice(middle)];
    return halves.map((half) => ({ records: half, attempts: part.attempts, invokeCount: 0 }));
  }
  const rest = records.slice(firstFailed);
  // Progress begins a new batch with all its retries.
  if (firstFailed > 0) return [{ records: rest, attempts: 0, invokeCount: 0 }];
  if (settings.maximumRetryAttempts >= 0 && attempts > settings.maximumRetryAttempts) {
    await context.discard({ condition: 'RetryAttemptsExhausted', records: rest, invokeCount, error });
    return [];
  }
  await wait(backoffOf(attempts), undefined, { signal: context.signal });
  return [{ records: rest, attempts, invokeCount }];
}

function backoffOf(attempts: number): number {
  return Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(attempts - 1, 10));
}

async function discardTooOld(
  part: Part,
  { maximumRecordAgeSeconds }: DeliverySettings,
  { now, discard }: DeliveryContext,
): Promise<readonly StreamRecord[]> {
  if (maximumRecordAgeSeconds < 0) return part.records;
  const oldest = now() / 1000 - maximumRecordAgeSeconds;
  const young = part.records.findIndex((record) => record.dynamodb.ApproximateCreationDateTime >= oldest);
  const count = young === -1 ? part.records.length : young;
  if (count === 0) return part.records;
  await discard({
    condition: 'RecordAgeExceeded',
    records: part.records.slice(0, count),
    invokeCount: part.invokeCount,
    error: undefined,
  });
  return part.records.slice(count);
}

/**
 * Reads a partial batch response.
 * @returns index of the lowest reported record; the length when all are done; 0, a complete failure, for an
 *   identifier that is empty or unknown, as Lambda has it.
 */
function findFirstFailed(records: readonly StreamRecord[], result: unknown): number {
  const failures = (result as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures;
  if (failures === undefined || failures === null) return records.length;
  if (!Array.isArray(failures)) return 0;
  let first = records.length;
  for (const failure of failures as ReadonlyArray<{ itemIdentifier?: unknown } | null>) {
    const index = records.findIndex((record) => record.dynamodb.SequenceNumber === failure?.itemIdentifier);
    if (index === -1) return 0;
    first = Math.min(first, index);
  }
  return first;
}
