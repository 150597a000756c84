const firstMs = 1_000;
const longestMs = 30_000;

/**
 * How long to wait before another attempt, milliseconds: anything up to a bound that doubles with each, so that clients
 * that were cut off together do not come back together. Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 * @param attempts how many have failed, from 1.
 */
export function fullJitter(attempts: number): number {
  return Math.random() * longestWaitMs(attempts);
}

/** The bound of it, milliseconds. */
export function longestWaitMs(attempts: number): number {
  return Math.min(longestMs, firstMs * 2 ** (attempts - 1));
}

/**
 * Waits before another attempt.
 * @param atLeastMs what the server asks for.
 * @throws the signal's reason when it is aborted.
 */
export async function backOff(attempts: number, signal: AbortSignal, atLeastMs = 0): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(atLeastMs, fullJitter(attempts)));
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  signal.throwIfAborted();
}
