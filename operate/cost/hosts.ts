import { changeUnits } from './change-units.ts';
import { containerHosting, containerUnits } from './container-units.ts';
import { measured } from './measured.ts';
import { renewalUnits, socketPresenceUnits, streamPresenceUnits } from './presence-units.ts';
import type { Price } from '../../lib/operations/prices.ts';
import { pushUnits, socketSeconds, socketUnits } from './socket-units.ts';
import { streamUnits } from './stream-units.ts';
import type { BilledStage, UnitLine } from './unit-lines.ts';

/** What users do in a month. */
export interface Usage {
  /** How many have the board open at a time, each in one page. */
  readonly streams: number;
  /** How long a day, and on how many days a month. */
  readonly hours: number;
  readonly days: number;
  /** How many workspaces they are in, as many in each. */
  readonly workspaces: number;
  /** Changes of each workspace an hour, while they are there; all of them hear of each. */
  readonly changesPerHour: number;
  /** Whether they are shown who else is there. */
  readonly presence: boolean;
}

/** So much of one thing, of `prices` or of a host's own. */
export type HostUnit = Omit<UnitLine, 'price'> & { readonly price: string };

/** What carries events to clients: a column of the bill. */
export interface Host {
  /** As `--transport` takes it. */
  readonly name: string;
  readonly title: string;
  /** What it uses up in a month, besides what changes do whoever hears of them. */
  readonly units: (stage: BilledStage, usage: Usage) => readonly HostUnit[];
  /** What it is paid for beside `prices`, by the names in its units. */
  readonly prices?: Readonly<Record<string, Price>>;
}

/** How long all connections are open together, seconds. */
export function openSeconds({ streams, hours, days }: Usage): number {
  return streams * hours * days * 3600;
}

/** How many changes there are in all workspaces together. */
function changesOf({ workspaces, changesPerHour, hours, days }: Usage): number {
  return workspaces * changesPerHour * hours * days;
}

function renewals(usage: Usage): number {
  return usage.presence ? openSeconds(usage) / measured.renewalSeconds : 0;
}

/** Event streams, one environment of Lambda each. */
const sse: Host = {
  name: 'sse',
  title: 'event streams',
  units: (stage, usage) => {
    const { streams, workspaces, days, changesPerHour, presence } = usage;
    const perWorkspace = streams / workspaces;
    const seconds = openSeconds(usage);
    const open = { seconds, perWorkspace, changesPerHour, newClients: streams * days, handsOver: true };
    return [
      ...streamUnits(stage, open),
      ...(presence ? streamPresenceUnits(stage, open) : []),
      ...(presence ? renewalUnits(stage, renewals(usage), perWorkspace) : []),
    ];
  },
};

/** Event streams in containers, which are there whether streams are or not. */
const container: Host = {
  name: 'container',
  title: 'streams in containers',
  units: (stage, usage) => {
    const { streams, workspaces, hours, days, changesPerHour, presence } = usage;
    const perWorkspace = streams / workspaces;
    const seconds = openSeconds(usage);
    const open = { seconds, perWorkspace, changesPerHour, newClients: streams * days, handsOver: true };
    const atEdge = { ...stage, edge: 'on' } as const;
    return [
      ...containerUnits(stage, { ...open, streams, workspaces, hours: hours * days }),
      ...(presence ? streamPresenceUnits(atEdge, open, containerHosting(stage, usage)) : []),
      ...(presence ? renewalUnits(atEdge, renewals(usage), perWorkspace) : []),
    ];
  },
};

/** The WebSocket API, which keeps the connections, and pushes to it. */
const websocket: Host = {
  name: 'websocket',
  title: 'WebSockets',
  units: (stage, usage) => {
    const { streams, workspaces, hours, days, presence } = usage;
    const perWorkspace = streams / workspaces;
    const seconds = openSeconds(usage);
    const connects = streams * days * Math.ceil((hours * 3600) / socketSeconds);
    const pings = seconds / measured.socketPingSeconds;
    const sockets = { seconds, perWorkspace, connects, pings };
    return [
      ...socketUnits(stage, sockets),
      ...pushUnits(stage, changesOf(usage), perWorkspace),
      ...(presence ? socketPresenceUnits(stage, { ...sockets, renewals: renewals(usage) }) : []),
    ];
  },
};

/** All there are: another one is another entry. */
export const hosts: readonly Host[] = [sse, websocket, container];

/** All that is used up in a month. */
export function unitsOf(host: Host, stage: BilledStage, usage: Usage): readonly HostUnit[] {
  return [...changeUnits(stage, changesOf(usage)), ...host.units(stage, usage)];
}
