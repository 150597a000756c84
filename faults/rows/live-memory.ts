import { setTimeout as wait } from 'node:timers/promises';
import { memoryInUse } from '../judge/memory.ts';
import type { Injection } from '../matrix/row.ts';

const moments = 4;
const betweenMs = 100;

/** Bytes in use after a garbage collection: heap, and buffers outside of it. */
export interface LiveMemory {
  readonly front: number;
  readonly stream: number;
}

/**
 * What the front, which is this process, and the stream function have in use: the lowest of some moments, because a
 * collection frees buffers in the background, and a change may be on its way.
 */
export async function readMemory({ stack }: Injection): Promise<LiveMemory> {
  let lowest: LiveMemory = { front: Infinity, stream: Infinity };
  for (let moment = 0; moment < moments; moment += 1) {
    await wait(betweenMs);
    const { heapUsed, external } = await stack.host('stream').memory();
    lowest = {
      front: Math.min(lowest.front, memoryInUse()),
      stream: Math.min(lowest.stream, heapUsed + external),
    };
  }
  return lowest;
}

/** Compares with a bound, bytes; what is above it fails the row. */
export function judgeGrowth(
  injection: Pick<Injection, 'notes' | 'failures'>,
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
