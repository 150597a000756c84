/** Time as the core sees it; the real one is in `lambdas/shared/runtime/clock.ts`, tests bring their own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. Never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** A number from 0 (inclusive) to 1 (exclusive), as Math.random. */
export type Random = () => number;

/** A number between the bounds, so that many clients do not do the same thing in the same moment. */
export function jitter(random: Random, from: number, to: number): number {
  return from + random() * (to - from);
}
