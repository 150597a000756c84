import { laggingMs } from '../../core/awareness/awareness.ts';
import { lookUnits } from '../../core/awareness/awareness-walk.ts';
import { neighbours } from '../../lambdas/shared/dynamodb/presence-store.ts';
import { frameBytes, snapshotBytes } from './frame-bytes.ts';
import { measured } from './measured.ts';
import type { OpenSockets } from './socket-units.ts';
import type { Open, StreamHosting } from './stream-units.ts';
import { onLambda, sessionOf, sessionsOf } from './stream-units.ts';
import type { BilledStage, UnitLine } from './unit-lines.ts';
import { atEdge, gigabyte, readUnits, runs, sent, units } from './unit-lines.ts';

/** What a snapshot of who is there reads, none of whom has a task open: half a unit for each 4 KB, not consistently. */
export function snapshotReads(viewers: number): number {
  return readUnits(viewers * measured.itemBytes.viewer) / 2;
}

/** Reads of those who come first by name, by users who have too few behind them. */
function firstNeighbours(by: 'tasks' | 'websocket', renewals: number, viewers: number): UnitLine[] {
  const times = renewals * Math.min(1, neighbours / Math.max(1, viewers));
  return units('their units', by, times, measured.units.firstNeighbours);
}

/**
 * What pages that say every now and then that they are there use up, over the API.
 * @param viewers how many are there in each workspace.
 */
export function renewalUnits(stage: BilledStage, renewals: number, viewers: number): UnitLine[] {
  const seconds = (renewals * measured.milliseconds.renewal) / 1000;
  return [
    { part: 'renewals', price: 'requests', quantity: renewals },
    ...runs('renewals', 'tasks', renewals, seconds),
    { part: 'logs', price: 'logs', quantity: (renewals * measured.logBytes.access) / gigabyte },
    ...units('their units', 'tasks', renewals, measured.units.renewal),
    ...firstNeighbours('tasks', renewals, viewers),
    ...atEdge(stage, renewals),
    sent('data', stage, renewals * measured.renewalAnswerBytes, 'tasks'),
  ];
}

/**
 * What a stream reads in a second to see whether somebody has gone: it looks when the first lease that it knows of is over,
 * and as seldom as it takes to keep to its limit.
 */
export function lookReadsASecond(viewers: number): number {
  if (viewers === 0) return 0;
  const reads = snapshotReads(viewers);
  const leaseSeconds = measured.leaseSeconds - measured.renewalSeconds + laggingMs / 1000;
  return reads / Math.max(leaseSeconds, reads / lookUnits);
}

/** What streams use up besides that ask for presence, as long as nobody says anything new. */
export function streamPresenceUnits(
  stage: BilledStage,
  open: Open,
  hosting: StreamHosting = onLambda,
): UnitLine[] {
  const { perWorkspace } = open;
  const session = sessionOf(stage, open.changesPerHour, hosting);
  const sessions = sessionsOf(open, session);
  const seconds = sessions * session.seconds;
  return [
    ...units('polls of presence', 'stream', sessions, {
      connectionReads: session.awarenessReads / 2 / hosting.sharers,
    }),
    ...units('snapshots', 'stream', sessions, { connectionReads: snapshotReads(perWorkspace) }),
    ...units('looks', 'stream', seconds, { connectionReads: lookReadsASecond(perWorkspace) }),
    sent('data', stage, sessions * snapshotBytes(perWorkspace, stage.paddingBytes).stream, 'stream'),
  ];
}

/** What WebSockets go through whose clients ask for presence. */
export interface PresentSockets extends Pick<OpenSockets, 'perWorkspace' | 'connects' | 'pings'> {
  readonly renewals: number;
}

/** The same of WebSockets: what they say, in messages, a snapshot for each that opens, and what a ping looks after. */
export function socketPresenceUnits(
  stage: BilledStage,
  { perWorkspace, connects, pings, renewals }: PresentSockets,
): UnitLine[] {
  const seconds = (renewals * measured.milliseconds.socketEvent) / 1000;
  // What was said lately is read with the snapshot, consistently, and both come as one message.
  const reads = snapshotReads(perWorkspace) + 1;
  const bytes = connects * snapshotBytes(perWorkspace, 0).socket + renewals * frameBytes(0).socket.presence;
  return [
    { part: 'renewals', price: 'messages', quantity: 2 * renewals + connects },
    ...runs('renewals', 'websocket', renewals, seconds),
    ...units('their units', 'websocket', renewals, measured.units.socketRenewal),
    ...firstNeighbours('websocket', renewals + pings, perWorkspace),
    ...units('looks', 'websocket', pings, measured.units.neighbours),
    ...units('snapshots', 'websocket', connects, { connectionReads: reads }),
    sent('data', stage, bytes, 'websocket'),
  ];
}
