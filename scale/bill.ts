import { dollarsOf } from '../operate/cost/bill.ts';
import { changeUnits } from '../operate/cost/change-units.ts';
import { containerUnits, monthHours } from '../operate/cost/container-units.ts';
import { measured } from '../operate/cost/measured.ts';
import { renewalUnits, streamPresenceUnits } from '../operate/cost/presence-units.ts';
import type { Open, StreamHosting } from '../operate/cost/stream-units.ts';
import { onLambda, sessionUnits, streamUnits } from '../operate/cost/stream-units.ts';
import type { UnitLine } from '../operate/cost/unit-lines.ts';
import { gigabyte } from '../operate/cost/unit-lines.ts';
import { busyProcessors, laptop } from './laptop.ts';
import type { Load } from './scenario.ts';

/** What a month costs in which the streams are open all the time. */
export interface Month {
  /** US dollars. */
  readonly dollars: number;
  /** The part of them that a Web Function is billed for, whose rates were not found: as if they were Fargate's. */
  readonly assumed: number;
}

const monthSeconds = monthHours * 3600;

/** What the streams of a process share. */
export function hostingOf({ open, processes, sharers }: Load): StreamHosting {
  return { ...onLambda, perProcess: open / processes, sharers };
}

/** What streams go through in so many seconds. */
export function openOf(load: Load, seconds: number): Open {
  const { streams, perWorkspace, changesPerHour, newClientsPerSecond, handsOver } = load;
  const newClients = newClientsPerSecond * seconds;
  return { seconds: streams * seconds, perWorkspace, changesPerHour, newClients, handsOver };
}

/** Makes the bill of a month, of the parts that `npm run cost` makes its bills of. */
export function monthOf(load: Load): Month {
  const { stage, perWorkspace, changesPerSecond, presence } = load;
  const open = openOf(load, monthSeconds);
  const renewals = ((presence?.viewersPerStream ?? 0) * open.seconds) / measured.renewalSeconds;
  const lines = [
    ...changeUnits(stage, changesPerSecond * monthSeconds),
    ...streamLines(load, open),
    ...(presence ? streamPresenceUnits(stage, open, hostingOf(load)) : []),
    ...renewalUnits(stage, renewals, presence ? perWorkspace : 0),
  ];
  const assumed = load.host.kind === 'web-function' ? dollarsOf(webFunctionLines(load)) : 0;
  return { dollars: dollarsOf(lines) + assumed, assumed };
}

function streamLines(load: Load, open: Open): UnitLine[] {
  const { host, stage, streams, workspaces, processes } = load;
  if (host.kind === 'function') return streamUnits(stage, open);
  if (host.kind === 'container') {
    // As many containers as it takes: how many a stage may have is one of the limits.
    const unbounded = { ...stage, mostTasks: Infinity };
    return containerUnits(unbounded, { ...open, streams, workspaces, hours: monthHours });
  }
  const logged = (processes * monthSeconds * measured.logBytes.minute) / 60;
  return [
    ...sessionUnits(stage, open, hostingOf(load)),
    { part: 'logs', price: 'logs', quantity: logged / gigabyte },
  ];
}

/** What a Web Function is billed for: the processor time and the memory that it uses. */
function webFunctionLines(load: Load): UnitLine[] {
  const { processes, open, sessionsPerSecond } = load;
  const { processMegabytes, streamMegabytes, connectMs } = laptop;
  const processors = busyProcessors(load) + (sessionsPerSecond * connectMs) / 1000;
  const gigabytes = (processes * processMegabytes + open * streamMegabytes) / 1024;
  return [
    { part: 'compute', price: 'taskProcessors', quantity: processors * monthHours },
    { part: 'compute', price: 'taskMemory', quantity: gigabytes * monthHours },
  ];
}
