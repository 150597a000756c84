import { endingSoonMs } from '../../core/connections/admission.ts';
import { drainIntervalMs } from '../../core/connections/drain.ts';
import { mostSharers } from '../../core/log/poll-pace.ts';
import { admissions } from './admission-units.ts';
import { frameBytes } from './frame-bytes.ts';
import { measured } from './measured.ts';
import type { MeanSession } from './sessions.ts';
import { meanSession } from './sessions.ts';
import type { BilledStage, UnitLine } from './unit-lines.ts';
import { atEdge, compute, gigabyte, sent, units } from './unit-lines.ts';

/** What open connections go through, all of them together. */
export interface Open {
  /** How long they are open, the seconds of all of them added up. */
  readonly seconds: number;
  /** How many are open at a time in each workspace. */
  readonly perWorkspace: number;
  /** Changes of each workspace, an hour. */
  readonly changesPerHour: number;
  /** How many of them are opened by clients that have no cursor yet. */
  readonly newClients: number;
  /**
   * Whether clients open the next stream when they hear that one is about to end, as the board does: both are paid for until
   * then. EventSource by itself comes back after the end.
   */
  readonly handsOver: boolean;
}

/** What a host of streams brings with it. */
export interface StreamHosting {
  /** As `SessionFacts` has them. */
  readonly readMs: number;
  readonly admissionMs: number;
  /** Streams that share a process, and with it the looks at the marker of a drain; of different workspaces. */
  readonly perProcess: number;
  /** Streams of one workspace that share a process, and with it the polls of their log, and the looks at what must end. */
  readonly sharers: number;
}

/** Each stream has an environment for itself. */
export const onLambda: StreamHosting = {
  readMs: measured.readMs,
  admissionMs: measured.admissionMs,
  perProcess: 1,
  sharers: 1,
};

/** The mean session of a stage, as `meanSession` has it. */
export function sessionOf(
  { sessionSeconds, heartbeatSeconds, pollMinMs, pollMaxMs }: BilledStage,
  changesPerHour: number,
  hosting: Pick<StreamHosting, 'readMs' | 'admissionMs' | 'sharers'> = onLambda,
): MeanSession {
  const { readMs, admissionMs } = hosting;
  const stage = { sessionSeconds, heartbeatSeconds, pollMinMs, pollMaxMs };
  // More of them change nothing, and there are as few simulations as there are tenths of them.
  const sharers = Math.round(10 * Math.min(hosting.sharers, mostSharers)) / 10;
  return meanSession({ ...stage, changesPerHour, sharers, readMs, admissionMs });
}

/** How many sessions it takes to be connected all the time. */
export function sessionsOf({ seconds, handsOver }: Open, session: MeanSession): number {
  return seconds / (session.seconds - (handsOver ? endingSoonMs / 1000 : 0));
}

/** What all hosts of event streams use up alike, each as its hosting has it. */
export function sessionUnits(stage: BilledStage, open: Open, hosting: StreamHosting): UnitLine[] {
  const { perWorkspace, changesPerHour, newClients, handsOver } = open;
  const { perProcess, sharers } = hosting;
  const session = sessionOf(stage, changesPerHour, hosting);
  const sessions = sessionsOf(open, session);
  const seconds = sessions * session.seconds;
  // Whoever takes the place of a stream that hands over to it needs no room.
  const counting = handsOver ? Math.min(sessions, newClients) : sessions;
  const drainReads =
    perProcess === 1 ? sessions * session.drainReads : (seconds * 1000) / drainIntervalMs / perProcess;
  return [
    ...units('polls', 'stream', sessions, { eventReads: pollUnits(session, hosting) }),
    ...units('connections', 'stream', sessions, measured.units.stream),
    ...admissions('stream', { connects: sessions, counting, perWorkspace, openSeconds: session.seconds }),
    ...units('connections', 'stream', 1, {
      connectionReads: ((sessions * session.looks) / sharers + drainReads) / 2,
    }),
    { part: 'logs', price: 'logs', quantity: (sessions * measured.logBytes.session) / gigabyte },
    ...atEdge(stage, sessions),
    sent('data', stage, streamedBytes(stage, open, session), 'stream'),
  ];
}

/** What a stream pays of the polls of its log in a session. */
function pollUnits({ logReads, headReads }: MeanSession, { sharers }: StreamHosting): number {
  return (logReads / 2 + headReads) / sharers;
}

/** What open event streams use up on Lambda, one environment each for as long as it is open. */
export function streamUnits(stage: BilledStage, open: Open, hosting: StreamHosting = onLambda): UnitLine[] {
  const { logBytes } = measured;
  const session = sessionOf(stage, open.changesPerHour, hosting);
  const sessions = sessionsOf(open, session);
  const seconds = sessions * session.seconds;
  return [
    compute('compute', 'stream', seconds),
    { part: 'sessions', price: 'invocations', quantity: sessions, by: 'stream' },
    {
      part: 'logs',
      price: 'logs',
      quantity: (sessions * logBytes.invocation + (seconds / 60) * logBytes.minute) / gigabyte,
    },
    ...sessionUnits(stage, open, hosting),
    ...streamedBeyondFree(sessions, streamedBytes(stage, open, session)),
  ];
}

/** Bytes of all that streams tell. */
function streamedBytes(stage: BilledStage, open: Open, session: MeanSession): number {
  const sessions = sessionsOf(open, session);
  const bytes = frameBytes(stage.paddingBytes).stream;
  return (
    sessions * (bytes.session + session.pings * bytes.ping) +
    Math.max(0, sessions - open.newClients) * bytes.resume +
    ((sessions * session.seconds) / 3600) * open.changesPerHour * bytes.change
  );
}

/** Lambda streams the first 6 MB of each answer for nothing. */
function streamedBeyondFree(sessions: number, bytes: number): UnitLine[] {
  const beyond = Math.max(0, bytes - sessions * 6 * 1024 * 1024);
  return beyond === 0 ? [] : [{ part: 'data', price: 'streamed', quantity: beyond / gigabyte, by: 'stream' }];
}
