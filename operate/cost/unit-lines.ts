import type { StageConfig } from '../../lib/config/stage-schema.ts';
import { functionMemory } from '../../lib/functions/function-memory.ts';
import type { FunctionName } from '../../lib/functions/function-names.ts';
import { measured } from './measured.ts';
import type { PriceName } from '../../lib/operations/prices.ts';

/** The settings of a stage that its bill depends on. */
export type BilledStage = Pick<
  StageConfig,
  | 'edge'
  | 'sessionSeconds'
  | 'heartbeatSeconds'
  | 'pollMinMs'
  | 'pollMaxMs'
  | 'paddingBytes'
  | 'streamsPerProcess'
  | 'taskMegabytes'
  | 'leastTasks'
  | 'mostTasks'
>;

/** So much of one thing that is paid for. */
export interface UnitLine {
  /** Which part of what happens it is for, as the tables of docs/DEPLOY.md name it. */
  readonly part: string;
  readonly price: PriceName;
  readonly quantity: number;
  /** The function that uses it up; left out where it is none. */
  readonly by?: FunctionName;
  /** The table that is read or written. */
  readonly table?: 'tasks' | 'events' | 'connections';
}

/** Bytes of a GB, as AWS counts data and logs. */
export const gigabyte = 1_000_000_000;
/** What a unit of DynamoDB reads, bytes. */
const readUnitBytes = 4096;

/** GB-seconds of so many runs of a function. */
export function compute(part: string, by: FunctionName, seconds: number): UnitLine {
  return { part, price: 'compute', quantity: (functionMemory[by] / 1024) * seconds, by };
}

/** Runs of a function, with what Lambda logs of each. */
export function runs(part: string, by: FunctionName, count: number, seconds: number): UnitLine[] {
  return [
    { part, price: 'invocations', quantity: count, by },
    compute(part, by, seconds),
    { part: 'logs', price: 'logs', quantity: (count * measured.logBytes.invocation) / gigabyte },
  ];
}

/** Reads and writes of a function, so many times what one of them takes. */
export function units(
  part: string,
  by: FunctionName,
  times: number,
  each: Partial<
    Record<
      'connectionReads' | 'connectionWrites' | 'eventReads' | 'eventWrites' | 'taskReads' | 'taskWrites',
      number
    >
  >,
): UnitLine[] {
  const line = (price: 'reads' | 'writes', table: NonNullable<UnitLine['table']>, unit = 0): UnitLine[] =>
    unit === 0 ? [] : [{ part, price, quantity: times * unit, by, table }];
  return [
    ...line('reads', 'connections', each.connectionReads),
    ...line('writes', 'connections', each.connectionWrites),
    ...line('reads', 'events', each.eventReads),
    ...line('writes', 'events', each.eventWrites),
    ...line('reads', 'tasks', each.taskReads),
    ...line('writes', 'tasks', each.taskWrites),
  ];
}

/** What is sent to clients, of which the edge takes the price of its own. */
export function sent(
  part: string,
  { edge }: Pick<BilledStage, 'edge'>,
  bytes: number,
  by: FunctionName,
): UnitLine {
  return { part, price: edge === 'on' ? 'edgeData' : 'dataOut', quantity: bytes / gigabyte, by };
}

/** A request or a handshake at the edge, where there is one. */
export function atEdge({ edge }: Pick<BilledStage, 'edge'>, requests: number): UnitLine[] {
  if (edge === 'off') return [];
  return [
    { part: 'edge', price: 'edgeRequests', quantity: requests },
    { part: 'edge', price: 'edgeRuns', quantity: requests },
  ];
}

/** Units of a consistent read of so many bytes; one that is not costs half of that. */
export function readUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / readUnitBytes));
}
