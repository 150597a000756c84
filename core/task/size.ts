import { encodeData } from '../../protocol/json.ts';
import type { Task } from '../../protocol/task.ts';

/**
 * The largest task that events tell of, bytes of its JSON on the wire. Some clients read lines into a buffer of 64 KiB and
 * stop for good at a longer one; what an event has around its task is below 300 bytes, so every line stays under 60,000.
 */
export const largestTaskBytes = 59_500;

/** What a task takes in a `data:` line, bytes. */
export function wireBytes(task: Task): number {
  return Buffer.byteLength(encodeData(task));
}
