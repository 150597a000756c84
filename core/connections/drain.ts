import { endingSoonMs, knownMs } from './admission.ts';

/** Asks the streams to end that opened before a time, because of a deploy. */
export interface Drain {
  /** Epoch milliseconds. */
  readonly before: number;
  /** Over how long a time they end, milliseconds. */
  readonly spreadMs: number;
}

/** How often the marker of a drain is read, milliseconds: it is one item for all streams there are. */
export const drainIntervalMs = 10_000;

/**
 * How often a session reads its item, milliseconds. With the read and a second of work a stream ends within 5 s of a
 * change.
 */
export const lookIntervalMs = 2500;

/** How long a call to the connections table may take before the stream goes on without it, milliseconds. */
export const patienceMs = 1000;

/** The least time between a look that shows a drain and the end, milliseconds: the limits must know of it before. */
export const drainNoticeMs = patienceMs + knownMs + endingSoonMs;

/** How long it takes at the most until the first streams of a drain could all have ended, milliseconds. */
export const drainStartsMs = drainIntervalMs + lookIntervalMs + patienceMs + drainNoticeMs;

/** However few streams there are, their clients shall not come back all at once. Milliseconds. */
export const leastDrainSpreadMs = 12_000;

/**
 * How many drained streams end in a second: half of the environments that Lambda adds to a function in one, for others
 * come as well, and to a client of the browser a 429 is final.
 * Source: "Understanding Lambda function scaling", AWS Lambda Developer Guide (1,000 environments every 10 s).
 */
const drainedASecond = 50;

/** Over how long a time so many streams are to end, milliseconds. */
export function drainSpreadMs(streams: number): number {
  return Math.max(leastDrainSpreadMs, Math.ceil(streams / drainedASecond) * 1000);
}
