import { keptFunctions } from '../lib/functions/concurrency-note.ts';
import { frameBytes } from '../operate/cost/frame-bytes.ts';
import { measured } from '../operate/cost/measured.ts';
import type { Flow } from './flows.ts';
import { appendsPerSecond, flowsOf } from './flows.ts';
import { busyProcessors } from './laptop.ts';
import type { Quota } from './quotas.ts';
import { quotas } from './quotas.ts';
import type { Load, Scenario } from './scenario.ts';
import { loadOf } from './scenario.ts';

/** What a load takes of something that is limited. */
export interface Demand extends Quota {
  readonly name: string;
  readonly demand: number;
}

/** A limit of a scenario, and at how many streams it is reached, all else being as it is; Infinity where never. */
export interface Limit extends Demand {
  readonly reachedAt: number;
}

/** More streams than there are people. */
const mostStreams = 1e8;

/** A new table has so many partitions, and its stream as many shards; of each the fan-out takes so many workspaces at a time. */
const newTableShards = 4;
const fanOutConcurrency = 16;

const demandOf = (name: string, quota: Quota, demand: number): Demand => ({ name, ...quota, demand });

/** All that a load takes of what is limited. */
export function demandsOf(load: Load): Demand[] {
  const flows = flowsOf(load);
  return [
    ...ownDemands(load),
    ...hostDemands(load),
    ...partitionDemands(flows),
    ...tableDemands(flows),
    ...edgeDemands(load),
  ];
}

/** A limit that a stage sets itself. */
function setting(
  stage: Load['stage'],
  name: 'connectionsPerWorkspace' | 'throttleRate' | 'mostTasks',
  unit: string,
): Quota {
  const source = `${name} in lib/config/stage-schema.ts`;
  return { amount: stage[name], unit, raise: 'a setting', source };
}

/** Limits of our own. */
function ownDemands(load: Load): Demand[] {
  const { stage, perWorkspace, changesPerSecond, processes, host } = load;
  const processor: Quota = {
    amount: host.processors * 1000,
    unit: 'ms/s',
    raise: 'fewer streams in each',
    source: 'scale/laptop.ts',
  };
  const fanOut: Quota = {
    amount: (newTableShards * fanOutConcurrency * 1000) / measured.milliseconds.fanout,
    unit: 'appends/s',
    raise: 'pre-warm the table',
    source: 'lib/functions/fan-out.ts: a batch of a shard at a time',
  };
  return [
    demandOf('streams of one workspace', setting(stage, 'connectionsPerWorkspace', 'streams'), perWorkspace),
    demandOf('requests of the API', setting(stage, 'throttleRate', 'requests/s'), changesPerSecond),
    demandOf('appends of the fan-out', fanOut, appendsPerSecond(load)),
    demandOf('processor of a process', processor, (busyProcessors(load) * 1000) / processes),
  ];
}

/** What the host takes of the account, and what it can take of a storm without a status that ends an EventSource. */
function hostDemands(load: Load): Demand[] {
  const { host, stage, open, processes, streams } = load;
  if (host.kind === 'container')
    return [
      demandOf('processors of Fargate', quotas.fargateProcessors, processes * host.processors),
      demandOf('containers of the stage', setting(stage, 'mostTasks', 'containers'), processes),
      demandOf('targets of the load balancer', quotas.balancerTargets, processes),
    ];
  if (host.kind === 'web-function')
    return [
      demandOf('environments of Web Functions', quotas.webEnvironments, processes),
      demandOf('requests of the endpoint in a storm', quotas.webRequests, stormRate(load)),
    ];
  const { burst, perSecond } = host.growth;
  const growth = { ...quotas.growth, amount: burst + (perSecond * stage.retryMaxMs) / 1000 };
  return [
    demandOf('concurrency of Lambda', { ...quotas.concurrency, amount: unreserved(stage) }, open),
    demandOf('environments that Lambda adds in a storm', growth, streams),
  ];
}

/** What a stage leaves to its streams of the concurrency of its account. */
export function unreserved(stage: Load['stage']): number {
  return stage.accountConcurrency - keptFunctions(stage) * stage.reservedConcurrency;
}

/** How many come in a second when all have been cut at once: between the bounds of `retry:`. */
function stormRate({ stage: { retryMinMs, retryMaxMs }, streams }: Load): number {
  return (streams * 1000) / Math.max(1000, retryMaxMs - retryMinMs);
}

/** What the hottest partition of each kind takes. */
function partitionDemands(flows: readonly Flow[]): Demand[] {
  const sums = sumBy(
    flows,
    ({ kind, table, partition }) => `${kind} of ${table}: ${partition}`,
    ({ units, hottest }) => units * hottest,
  );
  return [...sums].map(([name, sum]) =>
    demandOf(name, name.startsWith('reads') ? quotas.partitionReads : quotas.partitionWrites, sum),
  );
}

function tableDemands(flows: readonly Flow[]): Demand[] {
  const sums = sumBy(
    flows,
    ({ kind, table }) => `${kind} of the table ${table}`,
    ({ units }) => units,
  );
  return [...sums].map(([name, sum]) =>
    demandOf(name, name.startsWith('reads') ? quotas.tableReads : quotas.tableWrites, sum),
  );
}

function sumBy(
  flows: readonly Flow[],
  nameOf: (flow: Flow) => string,
  unitsOf: (flow: Flow) => number,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const flow of flows) sums.set(nameOf(flow), (sums.get(nameOf(flow)) ?? 0) + unitsOf(flow));
  return sums;
}

/** What goes through the edge and API Gateway, and what is logged. */
function edgeDemands(load: Load): Demand[] {
  const { stage, open, sessionsPerSecond, changesPerSecond, workspaces, processes, session } = load;
  const { ping, change } = frameBytes(stage.paddingBytes).stream;
  const bytes = open * ((session.pings / session.seconds) * ping + (changesPerSecond / workspaces) * change);
  return [
    demandOf('requests at the edge in a storm', quotas.edgeRequests, stormRate(load)),
    demandOf('data from the edge', quotas.edgeData, (8 * bytes) / 1e9),
    demandOf('requests of API Gateway', quotas.gatewayRequests, changesPerSecond),
    // A line of metrics a minute, and what is said at the end of a session.
    demandOf('calls to write logs', quotas.logCalls, processes / 60 + sessionsPerSecond),
  ];
}

/** The limits of a scenario, the one that is reached first at the front. */
export function limitsOf(scenario: Scenario): Limit[] {
  const known = new Map<number, ReadonlyMap<string, Demand>>();
  const demandsAt = (streams: number): ReadonlyMap<string, Demand> => {
    const found =
      known.get(streams) ??
      new Map(demandsOf(loadOf({ ...scenario, streams })).map((each) => [each.name, each]));
    known.set(streams, found);
    return found;
  };
  return [...demandsAt(scenario.streams).values()]
    .map((limit) => ({
      ...limit,
      reachedAt: firstAbove((streams) => (demandsAt(streams).get(limit.name)?.demand ?? 0) > limit.amount),
    }))
    .toSorted((a, b) => a.reachedAt - b.reachedAt);
}

/** The least number for which something holds from there on, to two digits and a half. */
function firstAbove(holds: (streams: number) => boolean): number {
  if (!holds(mostStreams)) return Infinity;
  // By the logarithm, at places that are the same for all limits.
  let [below, above] = [0, Math.log10(mostStreams)];
  while (above - below > 0.002) {
    const middle = (below + above) / 2;
    if (holds(Math.round(10 ** middle))) above = middle;
    else below = middle;
  }
  return Math.round(10 ** above);
}
