import { setTimeout as wait } from 'node:timers/promises';
import { deleteConnections, expectGone, forcedEndMs } from '../ends.ts';
import { lastBytesMs } from '../leftovers.ts';
import type { Replica } from '../replica.ts';
import type { Injection } from '../row.ts';
import { allowanceMs } from '../row.ts';
import { floodPastBuffers } from './flood.ts';

/** What breaking off may take on a busy machine, milliseconds. */
const brokenOffMs = 3000;

/** How long it may take to fill the buffers between a function and a client that does not read, milliseconds. */
const fillMs = 20_000;

const lookMs = 50;

/** So often in a row nothing must have moved to count as stuck. */
const looksStuck = 10;

/**
 * Clients stop reading without a word while more is on its way to them than the buffers hold: when their streams end, the
 * last bytes are waited for, but not for long. What they missed is there when they come back.
 */
export async function dieMidway(injection: Injection): Promise<void> {
  const dead = injection.boards[0]!.replicas.filter(({ user }) => user.sub === 'alice');
  await injection.write(20);
  for (const { source } of dead) source.leave();
  await floodPastBuffers(injection, 'alice');
  await Promise.all(dead.map(stopAtFirstFrame));
  await untilStuck(injection, dead.length);
  const ids = dead.map(({ connectionId }) => connectionId);
  injection.injected += await deleteConnections(injection, new Set(ids));
  await Promise.all([injection.write(40), expectGone(injection, ids, forcedEndMs)]);
  // No event tells when the last bytes are given up.
  await wait(lastBytesMs + brokenOffMs);
  await Promise.all(dead.map((replica) => expectBrokenOff(injection, replica)));
}

/** Comes back, and reads no more than its first frame. */
async function stopAtFirstFrame(replica: Replica): Promise<void> {
  replica.source.cut();
  await replica.established(allowanceMs);
  replica.source.freeze();
}

/** Waits until so many streams can write no more. */
async function untilStuck({ stack, failures }: Injection, streams: number): Promise<void> {
  const { process } = stack.function('stream');
  const deadline = Date.now() + fillMs;
  for (let stuck = 0; stuck < looksStuck; await wait(lookMs)) {
    stuck = process.blocked >= streams ? stuck + 1 : 0;
    if (Date.now() < deadline) continue;
    failures.push('the buffers on the way to a dead client were never full');
    return;
  }
}

/** A stream whose client does not read is broken off when its last bytes were not taken: they hold its `end`. */
async function expectBrokenOff({ failures }: Injection, replica: Replica): Promise<void> {
  const { source } = replica;
  const before = source.ends.length;
  source.thaw();
  const deadline = Date.now() + lastBytesMs + allowanceMs;
  while (source.ends.length === before && Date.now() < deadline) await wait(lookMs);
  const end = source.ends[before];
  if (end === undefined) failures.push('a dead client that reads again is not told that its stream is over');
  else if (end.reason !== undefined)
    failures.push(`a stream that ended with ${end.reason} was not broken off`);
}
