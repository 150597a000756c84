import { taskProcessors, usualStreams } from '../../lib/config/host-combinations.ts';
import { frameBytes } from './frame-bytes.ts';
import { measured } from './measured.ts';
import type { Open, StreamHosting } from './stream-units.ts';
import { onLambda, sessionOf, sessionsOf, sessionUnits } from './stream-units.ts';
import type { BilledStage, UnitLine } from './unit-lines.ts';
import { gigabyte } from './unit-lines.ts';

/** Hours of a month of 365 ÷ 12 days. */
export const monthHours = 730;

/** What one LCU has room for. Source: "Elastic Load Balancing pricing", November 2026. */
const lcu = { activeConnections: 3000, newConnectionsASecond: 25, gigabytesAnHour: 1 } as const;

/** How many containers there are for so many streams. */
export function tasksFor(stage: BilledStage, streams: number): number {
  const { leastTasks, mostTasks } = stage;
  const wanted = Math.ceil(streams / usualStreams({ ...stage, streamHost: 'container' }));
  return Math.min(mostTasks, Math.max(leastTasks, wanted));
}

/** What so many hours of containers cost, whoever is there, and the load balancer of a month before them. */
export function standingUnits(stage: BilledStage, taskHours: number): UnitLine[] {
  return [
    { part: 'containers', price: 'taskProcessors', quantity: taskHours * taskProcessors(stage) },
    { part: 'containers', price: 'taskMemory', quantity: (taskHours * stage.taskMegabytes) / 1024 },
    { part: 'addresses', price: 'addresses', quantity: taskHours },
    { part: 'load balancer', price: 'balancers', quantity: monthHours },
  ];
}

/** What streams in containers use up in a month in which they are open at the same time. */
export interface OpenInContainers extends Open {
  readonly streams: number;
  readonly workspaces: number;
  /** For how many hours they are open. */
  readonly hours: number;
}

/** What streams in containers share: the processes that there are, and those of their workspace. */
export function containerHosting(
  stage: BilledStage,
  { streams, workspaces }: Pick<OpenInContainers, 'streams' | 'workspaces'>,
): StreamHosting {
  const perProcess = streams / tasksFor(stage, streams);
  return { ...onLambda, perProcess, sharers: Math.max(1, perProcess / workspaces) };
}

/**
 * What streams in containers use up in a month: what is there whether they are or not, and what each of them brings. The streams
 * of a workspace in one process share its polls.
 */
export function containerUnits(stage: BilledStage, open: OpenInContainers): UnitLine[] {
  const { streams, hours, changesPerHour } = open;
  const tasks = tasksFor(stage, streams);
  const taskHours = tasks * hours + stage.leastTasks * (monthHours - hours);
  const hosting = containerHosting(stage, open);
  const session = sessionOf(stage, changesPerHour, hosting);
  const bytes = frameBytes(stage.paddingBytes).stream;
  const bytesAnHour =
    streams * ((3600 / stage.heartbeatSeconds) * bytes.ping + changesPerHour * bytes.change);
  const used = Math.max(
    streams / lcu.activeConnections,
    sessionsOf(open, session) / (hours * 3600) / lcu.newConnectionsASecond,
    bytesAnHour / gigabyte / lcu.gigabytesAnHour,
  );
  return [
    ...standingUnits(stage, taskHours),
    { part: 'load balancer', price: 'balancerUnits', quantity: hours * used },
    { part: 'logs', price: 'logs', quantity: (taskHours * 60 * measured.logBytes.minute) / gigabyte },
    ...sessionUnits({ ...stage, edge: 'on' }, open, hosting),
  ];
}
