import type { Clock } from '../../../core/clock.ts';

/**
 * The machine's clock. Not `timers/promises`: an aborted wait there builds an error with its stack, and a stream ends
 * most of its waits early.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, Math.max(0, milliseconds));
      signal?.addEventListener('abort', finish);
    }),
};
