import type { Clock } from '../../core/clock.ts';

/** Does something that is given so long, milliseconds; the timer goes with it. */
export async function patiently(
  milliseconds: number,
  clock: Clock,
  work: (patience: Promise<void>) => Promise<void>,
): Promise<void> {
  const done = new AbortController();
  try {
    await work(clock.sleep(milliseconds, done.signal));
  } finally {
    done.abort();
  }
}
