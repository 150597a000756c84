import { setTimeout as wait } from 'node:timers/promises';
import { endConnections, forcedEndMs } from '../judge/ends.ts';
import { lastBytesMs } from '../judge/leftovers.ts';
import type { Replica } from '../board/replica.ts';
import type { Injection } from '../matrix/row.ts';
import { floodPastBuffers } from './flood.ts';
import { untilStuck } from './stuck.ts';

/** How long coming back may take, milliseconds. */
const patienceMs = 60_000;

const lookMs = 50;

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
  const ids = new Set(dead.map(({ connectionId }) => connectionId));
  injection.injected += await endConnections(injection, ids);
  await Promise.all([injection.write(40), untilBrokenOff(injection)]);
  await Promise.all(dead.map((replica) => expectBrokenOff(injection, replica)));
}

/** Waits until nothing that waits for a client runs any more. */
async function untilBrokenOff(injection: Injection): Promise<void> {
  const host = injection.stack.host('stream');
  const began = Date.now();
  for (let blocked = await host.blocked(); blocked > 0; blocked = await host.blocked()) {
    await wait(lookMs);
    if (Date.now() - began < forcedEndMs + injection.allowanceMs) continue;
    injection.pastBound.push(`${blocked} streams to dead clients go on`);
    return;
  }
}

/** Comes back, and reads no more than its first frame. */
async function stopAtFirstFrame(replica: Replica): Promise<void> {
  replica.source.cut();
  if (!(await replica.established(patienceMs))) throw new Error('a client did not come back');
  replica.source.freeze();
}

/** A stream whose client does not read is broken off when its last bytes were not taken: they hold its `end`. */
async function expectBrokenOff(injection: Injection, replica: Replica): Promise<void> {
  const { failures } = injection;
  const { source } = replica;
  const before = source.ends.length;
  source.thaw();
  const began = Date.now();
  const isOver = (): boolean => Date.now() - began > lastBytesMs + injection.allowanceMs;
  while (source.ends.length === before && !isOver()) await wait(lookMs);
  const end = source.ends[before];
  if (end === undefined) failures.push('a dead client that reads again is not told that its stream is over');
  else if (end.reason !== undefined)
    failures.push(`a stream that ended with ${end.reason} was not broken off`);
}
