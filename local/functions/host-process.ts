import type { MemoryReport } from './runtime/channel.ts';

/** What runs code of the stack in the place of AWS, as whoever watches or troubles it sees it: one process, or some alike. */
export interface HostProcess {
  /** Ids of the processes that there are. */
  readonly pids: readonly number[];
  /** How many invocations or requests are under way. */
  readonly running: number;
  /** What a process may have of memory, MB. */
  readonly memoryMegabytes: number;
  /**
   * How many of those that are under way can write no more until their receiver takes what there is.
   * @throws {Error} when a process ends before it answers.
   */
  blocked(): Promise<number>;
  /**
   * Memory after a garbage collection, that of all processes together.
   * @throws {Error} when a process ends before it answers.
   */
  memory(): Promise<MemoryReport>;
  /**
   * Kills all processes, as a crash would: what runs fails.
   * @returns when they are gone.
   */
  crash(): Promise<void>;
  /**
   * Starts a process, unless there is one.
   * @throws {Error} when it does not come up.
   */
  start(): Promise<void>;
}
