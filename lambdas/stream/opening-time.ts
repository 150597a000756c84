import type { Clock } from '../../core/clock.ts';
import { Refusal } from '../../core/refusal.ts';

/** How long it may take to open a stream, milliseconds: the edge waits 30 s for the first byte, and then answers 504. */
export const openingMs = 20_000;
const tooLate = Symbol('late');

/**
 * Waits for a part of the opening of a stream.
 * @param came when its request came, epoch milliseconds.
 * @throws {Refusal} `unavailable` when it takes so long that whoever waits for the first byte may give up; what the work
 *   throws.
 */
export async function inTime<Result>(work: Promise<Result>, came: number, clock: Clock): Promise<Result> {
  const done = new AbortController();
  const late = clock.sleep(came + openingMs - clock.now(), done.signal).then(() => tooLate);
  try {
    const result = await Promise.race([work, late]);
    if (result !== tooLate) return result as Result;
    const message = 'it takes too long to open a stream: try again in a few seconds';
    throw new Refusal('unavailable', message, { retryAfterSeconds: 5 });
  } finally {
    done.abort();
  }
}
