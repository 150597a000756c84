/**
 * API Gateway's quotas for WebSocket APIs, none of which can be raised: the longest a connection may be idle and may last,
 * and the largest message and frame.
 * Source: "Quotas for configuring and running a WebSocket API", API Gateway developer guide.
 */
export const idleMs = 10 * 60_000;
export const longestMs = 2 * 60 * 60_000;
export const largestMessage = 128 * 1024;
export const largestFrame = 32 * 1024;

/**
 * Bytes that wait for a client that does not read, above which no more is taken for it. AWS says that there is such a bound
 * (LimitExceededException, API Gateway Management API reference), and not how much it is.
 */
export const mostWaiting = 1024 * 1024;

/** How a connection ends, and how `$disconnect` hears of it. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/**
 * The ends that API Gateway makes. Source for `deleted`: boto/boto3, issue 3789; for `overdue`: events of connections that
 * were 604 s old; for `binary`: "Binary media types for WebSocket APIs in API Gateway", for `tooLarge`: the quotas, both API
 * Gateway developer guide.
 */
export const endings = {
  deleted: { code: 1000, reason: 'Connection Closed Normally' },
  overdue: { code: 1001, reason: 'Going away' },
  binary: { code: 1003, reason: 'Binary is not supported' },
  tooLarge: { code: 1009, reason: 'Message too large' },
} as const satisfies Record<string, Ending>;

/**
 * How API Gateway names the end that a client makes, where the client does not.
 * Source: aws/aws-lambda-rust-runtime, pull request 816, for the code of a close frame without one.
 */
export function endingByClient(code: number, reason: string): Ending {
  return { code, reason: code === 1005 ? 'Client-side close frame status not set' : reason };
}
