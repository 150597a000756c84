import { drainIntervalMs } from '../core/connections/drain.ts';
import { admissions } from '../operate/cost/admission-units.ts';
import { frameBytes } from '../operate/cost/frame-bytes.ts';
import { measured } from '../operate/cost/measured.ts';
import { lookReadsASecond, snapshotReads } from '../operate/cost/presence-units.ts';
import type { Load } from './scenario.ts';

/** What the keys of a table stand for that share a partition key; the items of one are in one partition of DynamoDB, or more. */
export type Partition =
  | 'log of a workspace'
  | 'streams of a workspace'
  | 'ends of a workspace'
  | 'presence of a workspace'
  | 'what is said in a workspace'
  | 'WebSockets of a workspace'
  | 'tasks of a workspace'
  | 'task counter of a workspace'
  | 'revocations of a user'
  | 'drain marker';

/** Reads or writes of one kind. */
export interface Flow {
  readonly table: 'tasks' | 'events' | 'connections';
  readonly partition: Partition;
  /** As DynamoDB names it. */
  readonly operation: string;
  readonly kind: 'reads' | 'writes';
  /** Units a second, of all partitions together. */
  readonly units: number;
  /** The part of them that the hottest partition has. */
  readonly hottest: number;
}

type Step = readonly [Partition, operation: string, units: number];

/** Whether a user's rights are revoked. */
const isRevoked: Step = ['revocations of a user', 'GetItem', 1];

/** A session: its connect, in the order of `lambdas/shared/admission/admissions.ts`, and its end. */
export const sessionSteps: readonly Step[] = [
  isRevoked,
  ['streams of a workspace', 'PutItem', 1],
  isRevoked,
  // The user's others, and how full the workspace is.
  ['streams of a workspace', 'Query', 1],
  ['streams of a workspace', 'GetItem', 0.5],
  ['log of a workspace', 'GetItem', 1],
  ['streams of a workspace', 'DeleteItem', 1],
];

/** A new task, without what the fan-out makes of it. */
const changeSteps: readonly Step[] = [
  isRevoked,
  ['task counter of a workspace', 'UpdateItem', 1],
  ['tasks of a workspace', 'PutItem', 1],
];

const tables: Readonly<Partial<Record<Partition, Flow['table']>>> = {
  'log of a workspace': 'events',
  'tasks of a workspace': 'tasks',
  'task counter of a workspace': 'tasks',
};

/** Makes flows of a load: so many units a second. */
function flowsIn({ workspaces, streams }: Load): (times: number, ...steps: readonly Step[]) => Flow[] {
  const shares: Partial<Record<Partition, number>> = {
    'revocations of a user': 1 / streams,
    'drain marker': 1,
  };
  return (times, ...steps) =>
    steps
      .map(([partition, operation, units]): Flow => ({
        table: tables[partition] ?? 'connections',
        partition,
        operation,
        kind: /^(Put|Delete|Update|Transact)/.test(operation) ? 'writes' : 'reads',
        units: times * units,
        hottest: shares[partition] ?? 1 / workspaces,
      }))
      .filter(({ units }) => units > 0);
}

/** All that is read and written in a second, by tables, partitions and operations. */
export function flowsOf(load: Load): Flow[] {
  return [...sessionFlows(load), ...readerFlows(load), ...changeFlows(load), ...presenceFlows(load)];
}

/** Streams come and go. */
function sessionFlows(load: Load): Flow[] {
  const flows = flowsIn(load);
  const { sessionsPerSecond, newClientsPerSecond, perWorkspace, session } = load;
  const counting = admissions('stream', {
    connects: 0,
    counting: newClientsPerSecond,
    perWorkspace,
    openSeconds: session.seconds,
  });
  const counted = (kind: Flow['kind']): number =>
    counting.reduce((sum, { price, quantity }) => sum + (price === kind ? quantity : 0), 0);
  return [
    ...flows(sessionsPerSecond, ...sessionSteps),
    ...flows(counted('writes'), ['streams of a workspace', 'UpdateItem', 1]),
    ...flows(counted('reads'), ['streams of a workspace', 'Query', 1]),
  ];
}

/** Processes poll the logs, and look whether their streams must end, for all their streams of a workspace together. */
function readerFlows(load: Load): Flow[] {
  const flows = flowsIn(load);
  const { session, readers, open, processes } = load;
  const { seconds } = session;
  // The marker of a drain is read with a look, in a process that has many streams as soon as it is time to.
  const drainReads =
    processes < open ? (processes * 1000) / drainIntervalMs : (open * session.drainReads) / seconds;
  return [
    ...flows((readers * session.logReads) / seconds, ['log of a workspace', 'Query', 0.5]),
    ...flows((readers * session.headReads) / seconds, ['log of a workspace', 'GetItem', 1]),
    ...flows((readers * session.looks) / seconds, ['ends of a workspace', 'Query', 0.5]),
    ...flows(drainReads, ['drain marker', 'GetItem', 0.5]),
  ];
}

/** How many appends a second the fan-out makes to one log: it makes them one after another, and what comes meanwhile is one. */
export function appendsPerSecond({ changesPerSecond, workspaces }: Load): number {
  return workspaces * Math.min(changesPerSecond / workspaces, 1000 / measured.milliseconds.fanout);
}

/** Tasks are made, and appended to the logs. */
function changeFlows(load: Load): Flow[] {
  const flows = flowsIn(load);
  const { changesPerSecond } = load;
  const appends = appendsPerSecond(load);
  if (appends === 0) return [];
  const kilobytes = (frameBytes(0).stream.change * (changesPerSecond / appends)) / 1024;
  // A unit for the head and one for each KB of the segment, twice, for they are a transaction.
  const transaction = 2 * (1 + Math.ceil(kilobytes));
  return [
    ...flows(changesPerSecond, ...changeSteps),
    ...flows(
      appends,
      ['log of a workspace', 'GetItem', 1],
      ['log of a workspace', 'TransactWriteItems', transaction],
      ['WebSockets of a workspace', 'Query', 1],
    ),
  ];
}

/** Streams hear who is there, and pages say that they are. */
function presenceFlows(load: Load): Flow[] {
  const { presence, streams, open, readers, session, sessionsPerSecond, perWorkspace } = load;
  if (presence === undefined) return [];
  const flows = flowsIn(load);
  const viewers = presence.viewersPerStream * perWorkspace;
  const polls = (readers * session.awarenessReads) / session.seconds;
  const renewals = (presence.viewersPerStream * streams) / measured.renewalSeconds;
  const there = 'presence of a workspace';
  return [
    ...flows(polls, ['what is said in a workspace', 'Query', 0.5]),
    ...flows(sessionsPerSecond, [there, 'Query', snapshotReads(viewers)]),
    ...flows(open, [there, 'Query', lookReadsASecond(viewers)]),
    ...flows(renewals, isRevoked, [there, 'Query', 1], [there, 'PutItem', 1]),
  ];
}
