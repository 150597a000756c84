import { endingSoonMs } from '../core/connections/admission.ts';
import type { StageConfig } from '../lib/config/stage-schema.ts';
import { measured } from '../operate/cost/measured.ts';
import type { MeanSession } from '../operate/cost/sessions.ts';
import { sessionOf } from '../operate/cost/stream-units.ts';
import type { ScaleHost } from './hosts.ts';

/** How streams are spread over workspaces, as many in each. */
export type Spread = { readonly perWorkspace: number } | { readonly workspaces: number };

/** What is asked of the simulator. */
export interface Scenario {
  /** Clients that have a stream, all the time. */
  readonly streams: number;
  readonly spread: Spread;
  readonly host: ScaleHost;
  readonly stage: StageConfig;
  /** Changes of each workspace an hour; everybody in it hears of them. */
  readonly changesPerHour: number;
  /** Where streams ask for presence: how many of their users say that they are there, of each stream. */
  readonly presence?: { readonly viewersPerStream: number } | undefined;
  /** Whether clients open the next stream before one ends, as the client package does. */
  readonly handsOver: boolean;
  /** How long a read takes, and how long it takes to be let in, milliseconds; as on AWS unless it is given. */
  readonly times?: { readonly readMs: number; readonly admissionMs: number } | undefined;
}

/** A scenario, and what follows from it. */
export interface Load extends Scenario {
  readonly workspaces: number;
  /** Streams that are open, with those that hand over to the next one. */
  readonly open: number;
  readonly perWorkspace: number;
  readonly processes: number;
  /** Pairs of a process and a workspace that it has streams of: each reads the log by itself. */
  readonly readers: number;
  /** Streams of one workspace in a process that has any, on average. */
  readonly sharers: number;
  readonly session: MeanSession;
  readonly sessionsPerSecond: number;
  /** Clients that come without having had a stream; they are counted whether there is room. */
  readonly newClientsPerSecond: number;
  /** Of all workspaces together. */
  readonly changesPerSecond: number;
}

/** How long a page is open, seconds: a working day. Assumed, as `npm run cost` has it. */
const pageSeconds = 8 * 3600;

/** What a scenario comes to, on average and in the long run. */
export function loadOf(scenario: Scenario): Load {
  const { streams, spread, host, stage, handsOver, changesPerHour, times = measured } = scenario;
  const workspaces = 'workspaces' in spread ? spread.workspaces : Math.max(1, streams / spread.perWorkspace);
  const sessionWith = (sharers: number): MeanSession =>
    sessionOf(stage, changesPerHour, { ...times, sharers });
  const { seconds } = sessionWith(1);
  const sessionsPerSecond = streams / (seconds - (handsOver ? endingSoonMs / 1000 : 0));
  const open = sessionsPerSecond * seconds;
  const processes = Math.max(host.leastProcesses, Math.ceil(open / host.streamsPerProcess));
  // A process has none of a workspace when none of its streams is of it.
  const readers = workspaces * processes * (1 - (1 - 1 / workspaces) ** (open / processes));
  const sharers = Math.max(1, open / readers);
  return {
    ...scenario,
    workspaces,
    open,
    perWorkspace: open / workspaces,
    processes,
    readers,
    sharers,
    session: { ...sessionWith(sharers), seconds },
    sessionsPerSecond,
    newClientsPerSecond: handsOver ? streams / pageSeconds : sessionsPerSecond,
    changesPerSecond: (changesPerHour * workspaces) / 3600,
  };
}
