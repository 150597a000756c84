import type { OnAwsCall } from './data/aws-fault.ts';
import type { Deliver } from './data/pump/batch-delivery.ts';

/** The places of a stack at which faults are injected; without any, it is as healthy as AWS on a good day. */
export interface FaultSeams {
  /** Wraps how the mapping hands a batch to its function. */
  readonly wrapDeliver?: (deliver: Deliver) => Deliver;
  /** Decides what becomes of each request of a function to DynamoDB. */
  readonly onAwsCall?: OnAwsCall;
  /** How far the clock of a function is off, milliseconds; asked whenever a process of it starts. */
  readonly clockSkewMs?: (functionName: string) => number;
  /** Function → a time limit other than the template's, seconds. */
  readonly timeoutSeconds?: Readonly<Record<string, number>>;
  /** The clock by which the mapping judges how old a record is, epoch milliseconds. */
  readonly mappingNow?: () => number;
  /** Chunks of a stream with fewer bytes than this wait for the next write, as Lambda may do. */
  readonly holdChunksBelow?: number;
}
