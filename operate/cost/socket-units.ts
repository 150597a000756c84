import { pageSize } from '../../lambdas/push/pusher.ts';
import { longestSocketMs } from '../../lambdas/websocket/connect.ts';
import { admissions } from './admission-units.ts';
import { frameBytes } from './frame-bytes.ts';
import { measured } from './measured.ts';
import type { Open } from './stream-units.ts';
import type { BilledStage, UnitLine } from './unit-lines.ts';
import { atEdge, readUnits, runs, sent, units } from './unit-lines.ts';

/** The longest that a WebSocket is open, seconds: API Gateway ends it, or its token does. */
export const socketSeconds = Math.min(longestSocketMs / 1000, measured.tokenSeconds);

/** What WebSockets go through, all of them together. */
export interface OpenSockets extends Pick<Open, 'seconds' | 'perWorkspace'> {
  readonly connects: number;
  /** How often their clients ask, all together, whether they are up to date. */
  readonly pings: number;
}

/** What open WebSockets use up that nothing is pushed to. */
export function socketUnits(
  stage: BilledStage,
  { seconds, perWorkspace, connects, pings }: OpenSockets,
): UnitLine[] {
  const { units: each } = measured;
  const bytes = frameBytes(0).socket;
  const events = 3 * connects + pings;
  // `subscribe` and its answers, `connection.established` and `live`; `ping` and its answer.
  const messages = 3 * connects + 2 * pings;
  return [
    { part: 'minutes', price: 'minutes', quantity: seconds / 60 },
    { part: 'messages', price: 'messages', quantity: messages },
    ...runs('Lambda', 'websocket', events, (events * measured.milliseconds.socketEvent) / 1000),
    ...admissions('websocket', {
      connects,
      counting: connects,
      perWorkspace,
      openSeconds: seconds / connects,
    }),
    ...units('connections', 'websocket', connects, each.socketOpens),
    ...units('connections', 'websocket', connects, each.subscribe),
    ...units('connections', 'websocket', connects, each.socketCloses),
    ...units('pings', 'websocket', pings, each.ping),
    ...atEdge(stage, connects),
    sent('data', stage, connects * bytes.subscribed + pings * bytes.ping, 'websocket'),
  ];
}

/** How many orders a push to so many subscribers is: a full page does not know that it is the last. */
export function pushOrders(subscribers: number): number {
  return Math.floor(subscribers / pageSize) + 1;
}

/** What it takes to push changes to the subscribers of a workspace, each change by itself. */
export function pushUnits(stage: BilledStage, changes: number, subscribers: number): UnitLine[] {
  if (subscribers === 0) return [];
  const { milliseconds, itemBytes } = measured;
  const orders = changes * pushOrders(subscribers);
  const pushes = changes * subscribers;
  const seconds = (orders * milliseconds.push + pushes * milliseconds.pushOfOne) / 1000;
  const pageReads =
    changes *
    (Math.floor(subscribers / pageSize) * readUnits(pageSize * itemBytes.subscriber) +
      readUnits((subscribers % pageSize) * itemBytes.subscriber));
  return [
    { part: 'pushes', price: 'messages', quantity: pushes * measured.eventsPerChange },
    ...runs('Lambda of pushes', 'push', orders, seconds),
    ...units('reads of pushes', 'push', changes * Math.ceil(subscribers / pageSize), measured.units.push),
    ...units('reads of pushes', 'push', 1, { connectionReads: pageReads }),
    sent('data', stage, pushes * frameBytes(0).socket.change, 'push'),
  ];
}
