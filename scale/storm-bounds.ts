import { sessionJitter } from '../core/session/planned-ends.ts';
import type { Flow, Partition } from './flows.ts';
import { flowsOf, sessionSteps } from './flows.ts';
import { unreserved } from './limits.ts';
import { quotas } from './quotas.ts';
import type { Load } from './scenario.ts';

/** The steps of time in which a storm is simulated. */
export const tickMs = 100;
export const ticksPerSecond = 1000 / tickMs;

/** Something of which there is so much a second; what nobody takes is kept up to a bound. */
export class Budget {
  readonly #perTick: number;
  readonly #most: number;
  #left: number;

  constructor(perSecond: number, most = perSecond) {
    this.#perTick = perSecond / ticksPerSecond;
    this.#most = most;
    this.#left = most;
  }

  tick(): void {
    this.#left = Math.min(this.#most, this.#left + this.#perTick);
  }

  /** Takes as much as there is, of what is wanted. */
  take(wanted: number): number {
    const taken = Math.max(0, Math.min(wanted, Math.floor(this.#left)));
    this.#left -= taken;
    return taken;
  }
}

/** Which part of sessions that began at any time still runs after so many seconds; each is shorter than the longest by chance. */
export function partLeft(seconds: number, longest: number): number {
  const shortest = longest * (1 - sessionJitter);
  const mean = (longest + shortest) / 2;
  if (seconds <= shortest) return (mean - seconds) / mean;
  return Math.max(0, longest - seconds) ** 2 / (2 * (longest - shortest) * mean);
}

/** How many processes there can be: what quotas give, or what was asked of AWS for the streams that are open. */
export function mostProcesses({ host, open, stage, processes }: Load, headroom: number): number {
  if (host.kind === 'container') return processes;
  const given = host.kind === 'function' ? unreserved(stage) : quotas.webEnvironments.amount;
  return Math.max(given, processes, Math.ceil((open * headroom) / host.placesPerProcess));
}

/** Units that a connect takes of the connections table, or of a workspace's partition in it, without those of its end. */
function connectUnits(kind: Flow['kind'], partition?: Partition): number {
  return sessionSteps
    .filter(([of, operation]) => of !== 'log of a workspace' && operation !== 'DeleteItem')
    .filter(
      ([of, operation]) => (operation === 'PutItem') === (kind === 'writes') && of === (partition ?? of),
    )
    .reduce((sum, [, , units]) => sum + units, 0);
}

/** How many connects a second the connections table bears, which gives at once twice of what it gave before. */
export function connectsPerSecond(load: Load): number {
  const flows = flowsOf(load).filter(({ table }) => table === 'connections');
  const bound = (kind: Flow['kind'], partition: number, table: number, fresh: number): number => {
    const usual = flows.reduce((sum, flow) => sum + (flow.kind === kind ? flow.units : 0), 0);
    const given = Math.min(Math.max(table, usual), Math.max(fresh, 2 * usual));
    return Math.min(
      (load.workspaces * partition) / connectUnits(kind, 'streams of a workspace'),
      given / connectUnits(kind),
    );
  };
  const { partitionReads, partitionWrites, tableReads, tableWrites, newTableReads, newTableWrites } = quotas;
  return Math.min(
    bound('reads', partitionReads.amount, tableReads.amount, newTableReads.amount),
    bound('writes', partitionWrites.amount, tableWrites.amount, newTableWrites.amount),
  );
}
