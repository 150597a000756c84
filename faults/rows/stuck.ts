import { setTimeout as wait } from 'node:timers/promises';
import type { Injection } from '../matrix/row.ts';

/** How long it may take to fill the buffers between a function and a client that does not read, milliseconds. */
const fillMs = 20_000;

const lookMs = 50;

/** So often in a row nothing must have moved to count as stuck. */
const looksStuck = 10;

/** Waits until so many streams can write no more. */
export async function untilStuck(injection: Injection, streams: number): Promise<void> {
  const host = injection.stack.host('stream');
  const began = Date.now();
  for (let stuck = 0; stuck < looksStuck; await wait(lookMs)) {
    stuck = (await host.blocked()) >= streams ? stuck + 1 : 0;
    if (Date.now() - began < fillMs + injection.allowanceMs) continue;
    injection.failures.push('the buffers on the way to a client that does not read were never full');
    return;
  }
}
