import type { Task } from './task.ts';

/**
 * The largest task that events tell of, bytes of its JSON on the wire. Some clients read lines into a buffer of 64 KiB and
 * stop for good at a longer one; what an event has around its task is below 300 bytes, so every line stays under 60,000.
 */
export const LARGEST_TASK_BYTES = 59_500;

/** Line ends for some clients: escaped on the wire, where they take six bytes. */
const ESCAPED = /[\u0085\u2028\u2029]/g;
const ESCAPED_BYTES = 6;

/** What a task takes in a `data:` line, bytes. */
export function wireBytes(task: Task): number {
  const json = JSON.stringify(task);
  const escaped = json.match(ESCAPED) ?? [];
  const raw = escaped.reduce((sum, character) => sum + Buffer.byteLength(character), 0);
  return Buffer.byteLength(json) - raw + escaped.length * ESCAPED_BYTES;
}
