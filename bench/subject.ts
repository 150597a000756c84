import type { CapacityCount } from './capacity.ts';
import type { Inspector } from './inspector.ts';
import type { DeployedFunction, Memory } from './results.ts';

/** What a scenario measures, as it has started. */
export interface Subject {
  readonly port: number;
  /** A token for a user, in a workspace where the subject has any and one is given. */
  readonly sign: (user: string, workspace?: string) => Promise<string>;
  /** By name; all that it consists of. */
  readonly pids: () => Readonly<Record<string, number>>;
  /** By name of the process. */
  readonly memory: () => Promise<Readonly<Record<string, Memory>>>;
  readonly capacity: CapacityCount;
  /** By name of the process; those that can be profiled. */
  readonly inspectors: ReadonlyMap<string, Inspector>;
  readonly functions: readonly DeployedFunction[];
  readonly close: () => Promise<void>;
}
