import { ENDING_SOON_MS, KNOWN_MS } from './admission.ts';

/** Asks the streams to end that opened before a time, because of a deploy. */
export interface Drain {
  /** Epoch milliseconds. */
  readonly before: number;
  /** Over how long a time they end, milliseconds. */
  readonly spreadMs: number;
}

/** How often the marker of a drain is read, milliseconds: it is one item for all streams there are. */
export const DRAIN_INTERVAL_MS = 10_000;

/** A stream ends within 5 s of what others write into its item: this, a read, and a second for whatever it does. */
export const LOOK_INTERVAL_MS = 2500;

/** How long a call to the connections table may take before the stream goes on without it, milliseconds. */
export const PATIENCE_MS = 1000;

/** The least time between a look that shows a drain and the end, milliseconds: the limits must know of it before. */
export const DRAIN_NOTICE_MS = PATIENCE_MS + KNOWN_MS + ENDING_SOON_MS;

/** How long it takes at the most until the first streams of a drain could all have ended, milliseconds. */
export const DRAIN_STARTS_MS = DRAIN_INTERVAL_MS + LOOK_INTERVAL_MS + PATIENCE_MS + DRAIN_NOTICE_MS;

/** However few streams there are, their clients shall not come back all at once. Milliseconds. */
export const LEAST_DRAIN_SPREAD_MS = 12_000;

/**
 * How many drained streams end in a second: half of the environments that Lambda adds to a function in one, for others
 * come as well, and to a client of the browser a 429 is final.
 * Source: "Understanding Lambda function scaling", AWS Lambda Developer Guide (1,000 environments every 10 s).
 */
const DRAINED_A_SECOND = 50;

/** Over how long a time so many streams are to end, milliseconds. */
export function drainSpreadMs(streams: number): number {
  return Math.max(LEAST_DRAIN_SPREAD_MS, Math.ceil(streams / DRAINED_A_SECOND) * 1000);
}
