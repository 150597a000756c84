import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Requests under way at a time; a process with a thousand streams has a burst of them when they all reconnect. */
const MOST_SOCKETS = 256;

/**
 * The client that all stores of a function share. Short time limits, in milliseconds: a request that hangs is better
 * tried again, and each write here is conditional, so trying twice is safe. Waiting for a socket counts as connecting.
 */
export function createDocumentClient(): DynamoDBDocumentClient {
  const agent = { maxSockets: MOST_SOCKETS, keepAlive: true };
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
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

const THROTTLES = new Set([
  'ThrottlingException',
  'ThrottledException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'LimitExceededException',
]);

/** Whether DynamoDB refused for load, after the SDK's own retries. */
export function isThrottle(error: unknown): boolean {
  return error instanceof Error && THROTTLES.has(error.name);
}

/** Whether a conditional write found its condition false. */
export function isConditionFailure(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
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
