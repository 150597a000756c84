import { setTimeout as wait } from 'node:timers/promises';
import type { Injection } from '../row.ts';

/** How long it may take to fill the buffers between a function and a client that does not read, milliseconds. */
const fillMs = 20_000;

const lookMs = 50;

/** So often in a row nothing must have moved to count as stuck. */
const looksStuck = 10;

/** Waits until so many streams can write no more. */
export async function untilStuck({ stack, failures }: Injection, streams: number): Promise<void> {
  const { process } = stack.function('stream');
  const deadline = Date.now() + fillMs;
  for (let stuck = 0; stuck < looksStuck; await wait(lookMs)) {
    stuck = process.blocked >= streams ? stuck + 1 : 0;
    if (Date.now() < deadline) continue;
    failures.push('the buffers on the way to a client that does not read were never full');
    return;
  }
}
