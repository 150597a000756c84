import type { Task } from '../../protocol/task.ts';
import type { ListedTasks } from '../http/task-api.ts';
import type { WaitForAttempt } from './repeated-sending.ts';
import { isAnswer, refusalOf } from './repeated-sending.ts';
import type { TaskReplica } from './task-replica.ts';

export interface StateLoaderOptions {
  /** @param onPage hears of all that are there so far, when there are more to come. */
  readonly list: (onPage: (tasks: readonly Task[]) => void) => Promise<ListedTasks>;
  /** Where the stream is. */
  readonly cursor: () => string;
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
  /** What is loaded while the stream opens; undefined in the end where that fails. */
  #early: Promise<ListedTasks | undefined> | undefined;

  constructor(options: StateLoaderOptions) {
    this.#options = options;
  }

  /** Begins to load before there is a stream, so that nobody waits for the one after the other. */
  begin(): void {
    const { list, replica, signal } = this.#options;
    replica.beginLoad();
    this.#early = list((tasks) => {
      if (!signal.aborted && this.#loads <= 1) replica.showSoFar(tasks);
    }).catch(() => undefined);
  }

  /** Loads everything again, after the stream has lost what the page knew or before it knew anything. */
  async load(): Promise<void> {
    const { list, replica, onFailure, onLoaded, signal, wait } = this.#options;
    this.#loads += 1;
    const load = this.#loads;
    const isOver = (): boolean => signal.aborted || load !== this.#loads;
    if (load === 1 && this.#early !== undefined) {
      const early = await this.#complete(this.#early);
      if (isOver()) return;
      if (early !== undefined) {
        replica.finishLoad(early.tasks);
        return onLoaded();
      }
    }
    for (let attempt = 1; !isOver(); attempt += 1) {
      replica.beginLoad();
      try {
        const { tasks } = await list((some) => isOver() || replica.showSoFar(some));
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

  /**
   * What was loaded while the stream opened, where it was taken at the place where the stream began, or at the one where it is
   * by now: then all that came after it was told. Otherwise something may have come between the two.
   */
  async #complete(loading: Promise<ListedTasks | undefined>): Promise<ListedTasks | undefined> {
    const began = this.#options.cursor();
    const early = await loading;
    return early && [began, this.#options.cursor()].includes(early.streamCursor) ? early : undefined;
  }
}
