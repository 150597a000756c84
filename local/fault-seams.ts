import type { OnAwsCall } from './data/aws-fault.ts';
import type { Deliver } from './data/pump/batch-delivery.ts';
import type { OnAsyncInvocation } from './functions/async-invocations.ts';
import type { OnSocketCall } from './websocket/management.ts';
import type { Timers } from './websocket/timers.ts';

/** The places of a stack at which faults are injected; without any, it is as healthy as AWS on a good day. */
export interface FaultSeams {
  /** Wraps how the mapping hands a batch to its function. */
  readonly wrapDeliver?: (deliver: Deliver) => Deliver;
  /** Decides what becomes of each request of a function to DynamoDB. */
  readonly onAwsCall?: OnAwsCall;
  /** Decides what becomes of each call of a function that is about an open WebSocket: a push, an end. */
  readonly onSocketCall?: OnSocketCall;
  /** Decides what becomes of each event with which a function invokes another, or itself, and does not wait. */
  readonly onAsyncInvocation?: OnAsyncInvocation;
  /** The clock by which WebSockets are idle, and old enough to be closed. */
  readonly socketTimers?: Timers;
  /** How far the clock of a function is off, milliseconds; asked whenever a process of it starts. */
  readonly clockSkewMs?: (functionName: string) => number;
  /** Function → a time limit other than the template's, seconds. */
  readonly timeoutSeconds?: Readonly<Record<string, number>>;
  /** How many invocations of a function may run at a time from now on, other than the template says; undefined for what it says. */
  readonly reservedConcurrency?: (functionName: string) => number | undefined;
  /** The clock of the metrics: when all that is counted happens, and how long invocations take. */
  readonly metricsNow?: () => number;
  /** The clock by which the mapping judges how old a record is, epoch milliseconds. */
  readonly mappingNow?: () => number;
  /** Chunks of a stream with fewer bytes than this wait for the next write, as Lambda may do. */
  readonly holdChunksBelow?: number;
}
