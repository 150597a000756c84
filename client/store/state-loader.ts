import type { Task } from '../../protocol/task.ts';
import { backOff } from '../connection/backoff.ts';
import type { TaskReplica } from './task-replica.ts';

export interface StateLoaderOptions {
  readonly list: () => Promise<readonly Task[]>;
  readonly replica: TaskReplica;
  /** A load failed and is tried again. */
  readonly onFailure: (error: Error) => void;
  readonly onLoaded: () => void;
  readonly signal: AbortSignal;
}

/** Loads the tasks into the replica, as often as it takes. Of loads that overlap only the last counts. */
export class StateLoader {
  readonly #options: StateLoaderOptions;
  #loads = 0;

  constructor(options: StateLoaderOptions) {
    this.#options = options;
  }

  /** Loads everything again, after the stream has lost what the page knew or before it knew anything. */
  async load(): Promise<void> {
    const { list, replica, onFailure, onLoaded, signal } = this.#options;
    this.#loads += 1;
    const load = this.#loads;
    replica.beginLoad();
    for (let attempt = 1; ; attempt += 1) {
      try {
        const tasks = await list();
        if (signal.aborted || load !== this.#loads) return;
        replica.finishLoad(tasks);
        return onLoaded();
      } catch (error) {
        if (signal.aborted || load !== this.#loads) return;
        onFailure(error as Error);
      }
      await backOff(attempt, signal).catch(() => undefined);
      if (signal.aborted || load !== this.#loads) return;
    }
  }
}
