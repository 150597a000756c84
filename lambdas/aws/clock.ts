import type { Clock } from '../../core/clock.ts';

/**
 * The machine's clock. Not `timers/promises`: an aborted wait there builds an error with its stack, and a stream ends
 * most of its waits early.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, milliseconds));
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};
