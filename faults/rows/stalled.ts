import { setTimeout as wait } from 'node:timers/promises';
import type { Crowd } from '../crowd/crowd.ts';
import type { Times } from '../crowd/messages.ts';
import { endConnections, expectGone, forcedEndMs, openConnections } from '../judge/ends.ts';
import type { Injection } from '../matrix/row.ts';
import { slowReaderSeconds } from '../stack/stack.ts';
import { flood } from './flood.ts';
import { judgeGrowth, megabytes, readMemory } from './live-memory.ts';
import { untilStuck } from './stuck.ts';

const kilobyte = 1024;

/**
 * What one stream that is stalled may hold of each process, bytes: the front 256 KB (`responseWindow` of the local
 * stack), the function the text that is being written and its stream's own buffer, 64 KB each; twice that, to be generous.
 */
const stalledStreamBytes = 512 * kilobyte;
/** What else may come and go meanwhile. */
const constantBytes = 8 * 1024 * kilobyte;

/** Changes that only the stalled clients see, more than the system holds of one TCP connection. */
const connectionTasks = 200;
const floodCharacters = 50_000;
/** How much larger latencies may be with stalled clients; below the floor none counts as large. Milliseconds. */
const latencies = [
  { quantile: 'p50', factor: 2, floorMs: 150 },
  { quantile: 'p99', factor: 5, floorMs: 200 },
] as const;

const sizes = {
  short: { readers: 190, stalled: 10, rate: 20, seconds: 1.5 },
  full: { readers: 1950, stalled: 50, rate: 3, seconds: 3 },
} as const;

/** Some of many clients read nothing: the others do not feel it, memory is bounded, and the stalled ones are closed. */
export async function stallReaders(injection: Injection): Promise<void> {
  const { readers, stalled, rate, seconds } = sizes[injection.scale];
  const crowd = await injection.gather([
    { sub: 'reader', count: readers },
    { sub: 'sleeper', count: stalled, sharesUser: true },
  ]);
  const sleepers = { from: readers, to: readers + stalled };
  const oldIds = await sleepersOpen(injection);
  // From the front to the client, and from a process that listens to the front.
  const floodTasks = (injection.stack.local.streamHost === undefined ? 1 : 2) * connectionTasks;
  // The same flood for both measurements: what it does to the database is none of the stalled clients' doing.
  await flood(injection, 'sleeper', floodTasks, floodCharacters);
  await injection.stack.local.pump.drained();
  await crowd.heardAll(floodTasks, sleepers);
  await measure(injection, crowd, 'warm up', rate, 0.5);
  const without = await measure(injection, crowd, 'all read', rate, seconds);
  const before = await readMemory(injection);

  // On a new connection: the system gives one that was read fast buffers of many megabytes.
  await crowd.returnStalled(sleepers);
  await endConnections(injection, new Set(oldIds));
  await expectGone(injection, oldIds, forcedEndMs);
  const ids = await sleepersOpen(injection);
  injection.injected += ids.length;
  await flood(injection, 'sleeper', floodTasks, floodCharacters);
  await injection.stack.local.pump.drained();
  await untilStuck(injection, stalled);
  const stuckAt = Date.now();
  const withStalled = await measure(injection, crowd, 'some stall', rate, seconds);
  const during = await readMemory(injection);
  if ((await sleepersOpen(injection)).length < stalled)
    injection.failures.push('the stalled streams were closed before the measurement');
  compareLatency(injection, without, withStalled);
  await expectGone(injection, ids, stuckAt + slowReaderSeconds * 1000 - Date.now());
  injection.notes.push(
    `stalled streams closed ${((Date.now() - stuckAt) / 1000).toFixed(1)} s after they could write no more`,
  );
  // Compared with what is left when they are gone: the changes themselves are kept, for all streams.
  const after = await readMemory(injection);
  injection.notes.push(
    `memory of front and stream before all: ${megabytes(before.front)}, ${megabytes(before.stream)}`,
  );
  const bound = stalled * stalledStreamBytes + constantBytes;
  judgeGrowth(injection, 'without and with stalled streams', after, during, { front: bound, stream: bound });
  await crowd.thaw(sleepers);
}

/** Creates tasks at a steady rate, whatever the answers do, and gives what their events took to all that read. */
async function measure(
  { boards, notes }: Injection,
  crowd: Crowd,
  name: string,
  rate: number,
  seconds: number,
): Promise<Times> {
  const [{ writer }] = boards as [(typeof boards)[number]];
  const begin = Date.now();
  const writes: Promise<unknown>[] = [];
  const due = Array.from(
    { length: rate * seconds },
    (_, index) => [`${name} ${index}`, begin + (index * 1000) / rate] as const,
  );
  for (const [task, dueAt] of due) {
    await wait(Math.max(0, dueAt - Date.now()));
    writes.push(writer.createVisible(task));
  }
  await Promise.all(writes);
  const [last] = due.at(-1)!;
  await crowd.heard(last);
  const times = await crowd.latency(due);
  notes.push(
    `${name}: ${times.count} events, p50 ${times.p50.toFixed(0)} ms, p99 ${times.p99.toFixed(0)} ms, max ${times.max.toFixed(0)} ms`,
  );
  return times;
}

function compareLatency({ failures }: Injection, without: Times, withStalled: Times): void {
  for (const { quantile, factor, floorMs } of latencies) {
    if (withStalled[quantile] <= factor * Math.max(without[quantile], floorMs)) continue;
    failures.push(
      `${quantile} with stalled clients is ${withStalled[quantile]} ms, and ${without[quantile]} ms without`,
    );
  }
}

/** The connections of the clients that share the user `sleeper`, by their ids. */
async function sleepersOpen(injection: Injection): Promise<string[]> {
  const lists = await Promise.all(injection.boards.map((board) => openConnections(injection, board)));
  return lists.flat().flatMap(({ id, connection }) => (connection.startsWith('sleeper#') ? [id] : []));
}
