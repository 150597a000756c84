import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { UnitsConsumed } from './consumed-units.ts';
import { reportUnits } from './consumed-units.ts';

/** Requests under way at a time; a process with a thousand streams has a burst of them when they all reconnect. */
const mostSockets = 256;

/**
 * The client that all stores of a function share. Its time limits are short: a request that hangs is better tried again.
 * A write that timed out may have happened, and the second try then meets its own item; stores that must tell this from
 * somebody else's item compare it (`itemFound`). Waiting for a socket counts as connecting.
 * @param consumed hears what each request has cost.
 */
export function createDocumentClient(consumed: (units: UnitsConsumed) => void): DynamoDBDocumentClient {
  const agent = { maxSockets: mostSockets, keepAlive: true };
  const client = new DynamoDBClient({
    maxAttempts: 4,
    requestHandler: {
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: 3000,
      requestTimeout: 5000,
      throwOnRequestTimeout: true,
    },
  });
  // For a log that nobody wants it copies all that is asked and answered, field by field.
  client.middlewareStack.remove('loggerMiddleware');
  reportUnits(client, consumed);
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: readNumber },
  });
}

/**
 * A number of an item; as text where JavaScript numbers cannot hold it, so that nothing takes it for another one. The
 * SDK's own way makes the whole answer fail.
 */
export function readNumber(text: string): number | string {
  const number = Number(text);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : text;
}

const throttles = new Set([
  'ThrottlingException',
  'ThrottledException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'LimitExceededException',
]);

/** As `throttles`: a transaction that was slow, tried again by the SDK, is still under way. */
const transactionInProgress = 'TransactionInProgressException';

/** As `throttles`, as the reasons for which a transaction was cancelled. */
const throttleReasons = new Set(['ThrottlingError', 'ProvisionedThroughputExceeded', 'RequestLimitExceeded']);

/** Whether DynamoDB refused for load, after the SDK's own retries. */
export function isThrottle(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    throttles.has(error.name) ||
    error.name === transactionInProgress ||
    cancellationCodes(error)?.some((code) => throttleReasons.has(code)) === true
  );
}

/** Whether a write met a transaction that was under way on its item; it did not happen. */
export function isTransactionConflict(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === 'TransactionConflictException' ||
    cancellationCodes(error)?.includes('TransactionConflict') === true
  );
}

/** Errors of the network that the SDK hands on as they are. */
const unreachable = new Set(['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'ENOTFOUND', 'EPIPE']);

/**
 * Whether DynamoDB gave no answer of its own, after the SDK's retries: none at all, or one that says that it is broken. A
 * write may have happened. The SDK gives the name `TimeoutError` to most lost connections as well.
 */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, $metadata } = error as { code?: string; $metadata?: { httpStatusCode?: number } };
  return (
    error.name === 'TimeoutError' ||
    unreachable.has(code ?? '') ||
    ($metadata?.httpStatusCode !== undefined && $metadata.httpStatusCode >= 500)
  );
}

/** Codes of a write in a transaction that was not done because somebody else was faster. */
const lostRaceCodes: ReadonlySet<string> = new Set(['ConditionalCheckFailed', 'TransactionConflict']);

/** Whether a transaction was cancelled because somebody else was faster; it did not happen. */
export function isLostRace(error: unknown): boolean {
  return cancellationCodes(error)?.some((code) => lostRaceCodes.has(code)) === true;
}

/** Whether a conditional write found its condition false. */
export function isConditionFailure(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
}

/**
 * The item that made a condition false, as plain values; undefined where there is none. The write must have asked for it
 * with `ReturnValuesOnConditionCheckFailure`.
 */
export function itemFound(error: unknown): Readonly<Record<string, unknown>> | undefined {
  const { Item: item } = error as { Item?: Record<string, AttributeValue> };
  return item && unmarshall(item, { wrapNumbers: readNumber });
}

/**
 * Why a transaction was cancelled, a code for each of its items in their order (`None` for those that were fine);
 * undefined for other errors.
 * Source: TransactionCanceledException in the DynamoDB API reference.
 */
export function cancellationCodes(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error) || error.name !== 'TransactionCanceledException') return undefined;
  const { CancellationReasons: reasons } = error as Error & {
    CancellationReasons?: readonly { Code?: string }[];
  };
  return (reasons ?? []).map((reason) => reason.Code ?? 'None');
}
