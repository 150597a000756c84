import type { Conditions } from '../faults/board/conditions.ts';

/** Many times what anything takes in a test. Milliseconds. */
const patienceMs = 90_000;

/**
 * Waits until something is so.
 * @param seen what there is in its place, for whoever reads that it never was.
 * @throws {Error} when it never is.
 */
export async function waitUntil(
  conditions: Conditions,
  isSo: () => boolean,
  seen: () => unknown,
): Promise<void> {
  if (await conditions.until(isSo, patienceMs)) return;
  throw new Error(`it never was: ${JSON.stringify(seen())}`);
}
