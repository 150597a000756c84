import { execFile } from 'node:child_process';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expectGone, watchEnds } from '../judge/ends.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { streamsOf } from './transports.ts';
import {
  deadlineTimeoutSeconds,
  handoverSessionSeconds,
  shortSessionSeconds,
  slowReaderSeconds,
} from '../stack/stack.ts';
import { floodPastBuffers } from './flood.ts';

const run = promisify(execFile);
const drainCommand = path.join(import.meta.dirname, '..', '..', 'operate', 'drain.ts');

/** A drained stream ends within half a minute, and a look or two. Milliseconds. */
const drainBoundMs = 35_000;

/** Clients that come back after a deploy must not all do it at once: between the first end and the last. Milliseconds. */
const leastSpreadMs = 2000;

/** What the function keeps of its time limit to end its streams. Seconds. */
const deadlineMarginSeconds = 10;

/** A client is told 5 s before the end. Source: docs/PROTOCOL.md. Milliseconds. */
const handoverLeadMs = { least: 3000, most: 6000 } as const;

/** Ends that are known before, and those of clients that do not read. */
export const plannedEndRows: readonly Row[] = [
  { name: 'session length', profile: 'short sessions', run: outliveSessions },
  { name: 'deadline of the function', hosts: ['function'], profile: 'deadline', run: outliveFunction },
  {
    name: 'handover, make before break',
    profile: 'sessions with handover',
    clients: [{ makesBeforeBreak: true }, { makesBeforeBreak: true }],
    run: handOver,
  },
  {
    name: 'drained for a deploy',
    profile: 'full boards',
    clients: [{}, { makesBeforeBreak: true }],
    run: drain,
  },
  { name: 'slow reader', profile: 'long', clients: [{}, {}], run: readNothing },
];

/** Writes for longer than a session lasts: each ends with its reason, in time, and the next goes on from it. */
function outliveSessions(injection: Injection): Promise<void> {
  return outlive(injection, 'session_length', shortSessionSeconds * 1000);
}

/** The same where the function may not run as long as a session: it ends its streams before Lambda would end it. */
function outliveFunction(injection: Injection): Promise<void> {
  return outlive(injection, 'deadline', (deadlineTimeoutSeconds - deadlineMarginSeconds) * 1000);
}

async function outlive(injection: Injection, reason: string, boundMs: number): Promise<void> {
  const rounds = injection.scale === 'full' ? 12 : 3;
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([injection.write(20), wait(boundMs / 2)]);
  }
  for (const { ends, source, user } of streamsOf(injection)) {
    for (const end of ends) {
      injection.inject();
      if (end.reason !== reason) injection.failures.push(`a stream of ${user.sub} ended with ${end.reason}`);
      injection.medians.note('a session', { most: boundMs }, end.milliseconds);
    }
    const ages = [...ends.map(({ milliseconds }) => milliseconds), source.openForMs];
    for (const age of ages.filter((milliseconds) => milliseconds > boundMs + injection.allowanceMs))
      injection.pastBound.push(`a stream of ${user.sub} lasted ${age} ms`);
  }
}

/** Each client has its next stream before the one before ends, and drops what both bring. */
async function handOver(injection: Injection): Promise<void> {
  const until = Date.now() + 2 * handoverSessionSeconds * 1000;
  while (Date.now() < until) await Promise.all([injection.write(10), wait(1000)]);
  for (const { handovers, leads, ends, user } of streamsOf(injection)) {
    injection.injected += handovers;
    for (const lead of leads) injection.medians.note('the lead of a handover', handoverLeadMs, lead);
    // A client that is told in time, and does not get the machine until then, cannot be ready.
    const complaints = injection.lagMs < handoverLeadMs.least ? injection.failures : injection.notes;
    if (handovers === 0) complaints.push(`a client of ${user.sub} never handed over`);
    for (const { reason } of ends) {
      complaints.push(`a stream of ${user.sub} ended with ${reason} before its client was ready`);
    }
  }
}

/** Clients that break before they make end with a reason; those that hand over lose no stream, of theirs or of others. */
async function drain(injection: Injection): Promise<void> {
  const { boards, stack, failures, pastBound } = injection;
  const clients = boards.flatMap((board) => board.replicas);
  const breaking = clients.filter(({ makesBeforeBreak }) => !makesBeforeBreak);
  const making = clients.filter(({ makesBeforeBreak }) => makesBeforeBreak);
  const expectEnds = watchEnds(injection, breaking);
  const flags = {
    '--connections-table': stack.table('connections'),
    '--endpoint': stack.local.databaseEndpoint,
  };
  await run(process.execPath, [drainCommand, '--apply', ...Object.entries(flags).flat()]);
  injection.inject();
  await Promise.all([injection.write(40), expectEnds('deploy', drainBoundMs)]);
  for (const replica of making) {
    const { sub } = replica.user;
    if (!(await injection.until(replica, () => replica.handovers > 0, 0)))
      pastBound.push(`a client of ${sub} did not hand over`);
    for (const { reason } of replica.ends) failures.push(`a stream of ${sub} ended with ${reason}`);
  }
  const times = breaking.flatMap(({ ends }) => ends.map(({ at }) => at));
  if (times.length > breaking.length) failures.push('a stream ended for another one');
  if (Math.max(...times) - Math.min(...times) < leastSpreadMs)
    injection.failures.push('all streams ended at once');
  await injection.established();
  await injection.write(20);
}

/** Some clients read nothing of more than all buffers hold: they are closed, and miss nothing when they come back. */
async function readNothing(injection: Injection): Promise<void> {
  const [board] = injection.boards;
  const victims = board!.replicas.filter(({ user }) => user.sub === 'alice');
  for (const { source } of victims) {
    source.freeze();
    injection.inject();
  }
  const ids = victims.map(({ connectionId }) => connectionId);
  // The time begins when the flood has come to where they do not read.
  await floodPastBuffers(injection, 'alice');
  await Promise.all([injection.write(20), expectGone(injection, ids, slowReaderSeconds * 1000)]);
  for (const { source } of victims) source.cut();
  await injection.established();
}
