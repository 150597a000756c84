import type { Task } from '../../protocol/task.ts';
import type { WaitForAttempt } from './repeated-sending.ts';
import { isAnswer, refusalOf } from './repeated-sending.ts';
import type { TaskReplica } from './task-replica.ts';

export interface StateLoaderOptions {
  readonly list: () => Promise<readonly Task[]>;
  readonly replica: TaskReplica;
  /**
   * A load failed.
   * @param isFinal whether the server has refused it in a way that does not pass; otherwise it is tried again.
   */
  readonly onFailure: (error: Error, isFinal: boolean) => void;
  readonly onLoaded: () => void;
  readonly signal: AbortSignal;
  readonly wait: WaitForAttempt;
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
    const { list, replica, onFailure, onLoaded, signal, wait } = this.#options;
    this.#loads += 1;
    const load = this.#loads;
    const isOver = (): boolean => signal.aborted || load !== this.#loads;
    for (let attempt = 1; !isOver(); attempt += 1) {
      replica.beginLoad();
      try {
        const tasks = await list();
        if (isOver()) return;
        replica.finishLoad(tasks);
        return onLoaded();
      } catch (error) {
        if (isOver()) return;
        const isFinal = isAnswer(error);
        if (isFinal) replica.abandonLoad();
        onFailure(error as Error, isFinal);
        if (isFinal) return;
        await wait(attempt, refusalOf(error)?.retryAfterMs).catch(() => undefined);
      }
    }
  }
}
