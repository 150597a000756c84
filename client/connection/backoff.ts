const firstMs = 500;
const longestMs = 15_000;

/**
 * Waits before another attempt: twice as long each time, with jitter, so that pages do not come back together.
 * @param attempt how many have failed, from 1.
 * @throws the signal's reason when it is aborted.
 */
export async function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(longestMs, firstMs * 2 ** attempt);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, longest * (0.5 + Math.random() / 2));
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  signal.throwIfAborted();
}
