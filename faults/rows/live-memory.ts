import { memoryInUse } from '../memory.ts';
import type { Injection } from '../row.ts';

/** Bytes in use after a garbage collection: heap, and buffers outside of it. */
export interface LiveMemory {
  readonly front: number;
  readonly stream: number;
}

/** What the front, which is this process, and the stream function have in use. */
export async function readMemory({ stack }: Injection): Promise<LiveMemory> {
  const { heapUsed, external } = await stack.function('stream').process.memory();
  return { front: memoryInUse(), stream: heapUsed + external };
}

/** Compares with a bound, bytes; what is above it fails the row. */
export function judgeGrowth(
  injection: Injection,
  what: string,
  before: LiveMemory,
  after: LiveMemory,
  bound: LiveMemory,
): void {
  for (const name of ['front', 'stream'] as const) {
    const grown = after[name] - before[name];
    const line = `memory of ${name}, ${what}: ${megabytes(before[name])} → ${megabytes(after[name])}, may grow by ${megabytes(bound[name])}`;
    injection.notes.push(line);
    if (grown > bound[name]) injection.failures.push(line);
  }
}

/** Bytes in words. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
