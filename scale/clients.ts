import { longestWaitMs } from '../client/connection/backoff.ts';
import { soonSeconds } from '../lambdas/shared/admission/stream-limit.ts';

/** Bounds of a wait, milliseconds. */
export type Wait = readonly [from: number, to: number];

/** How a kind of client comes back. */
export interface StormClient {
  /** How long it waits after its stream was cut. */
  readonly afterCut: Wait;
  /** The same after an answer that asks it to come back, and after a status; undefined where that ends it for good. */
  readonly afterRetry: (attempt: number) => Wait;
  readonly afterStatus: (attempt: number) => Wait | undefined;
}

/** A browser's own EventSource: it waits as the last `retry:` says. */
export function eventSource(retryMs: Wait): StormClient {
  return { afterCut: retryMs, afterRetry: () => retryMs, afterStatus: () => undefined };
}

/** The client package over `fetch`: it waits longer after each failure, and at least as long as a refusal says. */
export const clientPackage: StormClient = {
  afterCut: [0, longestWaitMs(1)],
  afterRetry: (attempt) => [soonSeconds * 1000, Math.max(soonSeconds * 1000, longestWaitMs(attempt))],
  afterStatus: (attempt) => [0, longestWaitMs(attempt)],
};
