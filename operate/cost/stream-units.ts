import { endingSoonMs } from '../../core/connections/admission.ts';
import { drainIntervalMs } from '../../core/connections/drain.ts';
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
}

/** Each stream has an environment for itself. */
export const onLambda: StreamHosting = {
  readMs: measured.readMs,
  admissionMs: measured.admissionMs,
  perProcess: 1,
};

/** The mean session of a stage, as `meanSession` has it. */
export function sessionOf(
  { sessionSeconds, heartbeatSeconds, pollMinMs, pollMaxMs }: BilledStage,
  changesPerHour: number,
  { readMs, admissionMs }: Pick<StreamHosting, 'readMs' | 'admissionMs'> = onLambda,
): MeanSession {
  const stage = { sessionSeconds, heartbeatSeconds, pollMinMs, pollMaxMs };
  return meanSession({ ...stage, changesPerHour, readMs, admissionMs });
}

/** How many sessions it takes to be connected all the time. */
export function sessionsOf({ seconds, handsOver }: Open, session: MeanSession): number {
  return seconds / (session.seconds - (handsOver ? endingSoonMs / 1000 : 0));
}

/** What open event streams use up on Lambda, one environment each for as long as it is open. */
export function streamUnits(stage: BilledStage, open: Open, hosting: StreamHosting = onLambda): UnitLine[] {
  const { perWorkspace, changesPerHour, newClients, handsOver } = open;
  const { perProcess } = hosting;
  const { logBytes } = measured;
  const session = sessionOf(stage, changesPerHour, hosting);
  const sessions = sessionsOf(open, session);
  const seconds = sessions * session.seconds;
  // Whoever takes the place of a stream that hands over to it needs no room.
  const counting = handsOver ? Math.min(sessions, newClients) : sessions;
  const bytes = frameBytes(stage.paddingBytes).stream;
  const streamed =
    sessions * (bytes.session + session.pings * bytes.ping) +
    Math.max(0, sessions - newClients) * bytes.resume +
    (seconds / 3600) * changesPerHour * bytes.change;
  const drainReads =
    perProcess === 1 ? sessions * session.drainReads : (seconds * 1000) / drainIntervalMs / perProcess;
  return [
    compute('compute', 'stream', seconds),
    ...units('polls', 'stream', sessions, { eventReads: session.logReads / 2 + session.headReads }),
    { part: 'sessions', price: 'invocations', quantity: sessions, by: 'stream' },
    ...units('connections', 'stream', sessions, measured.units.stream),
    ...admissions('stream', { connects: sessions, counting, perWorkspace, openSeconds: session.seconds }),
    ...units('connections', 'stream', 1, { connectionReads: (sessions * session.looks + drainReads) / 2 }),
    {
      part: 'logs',
      price: 'logs',
      quantity:
        (sessions * (logBytes.invocation + logBytes.session) + (seconds / 60) * logBytes.minute) / gigabyte,
    },
    ...atEdge(stage, sessions),
    sent('data', stage, streamed, 'stream'),
    ...streamedBeyondFree(sessions, streamed),
  ];
}

/** Lambda streams the first 6 MB of each answer for nothing. */
function streamedBeyondFree(sessions: number, bytes: number): UnitLine[] {
  const beyond = Math.max(0, bytes - sessions * 6 * 1024 * 1024);
  return beyond === 0 ? [] : [{ part: 'data', price: 'streamed', quantity: beyond / gigabyte, by: 'stream' }];
}
