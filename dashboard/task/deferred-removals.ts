import type { Task } from '../../client/index.ts';

/** How long a deletion can be taken back, milliseconds. */
export const undoMs = 8000;

/** A deletion that is to come. */
interface Removal {
  readonly task: Task;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The deletions that can still be taken back, since nothing was sent, and what is not shown because of them. */
export class DeferredRemovals {
  readonly #waiting = new Map<number, Removal>();
  readonly #listeners = new Set<() => void>();
  #hidden: ReadonlySet<number> = new Set();

  /** Ids of what is not to be shown: the same set while nothing changes. */
  readonly getSnapshot = (): ReadonlySet<number> => this.#hidden;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Hides a task, and calls `onDue` when it is to be deleted, unless that is taken back. */
  add(task: Task, onDue: () => void): void {
    this.#waiting.set(task.id, { task, timer: setTimeout(onDue, undoMs) });
    this.#hide(new Set(this.#hidden).add(task.id));
  }

  /** Ends the wait: gives the task, once; undefined where it does not wait any more. It stays hidden. */
  take(id: number): Task | undefined {
    const removal = this.#waiting.get(id);
    clearTimeout(removal?.timer);
    this.#waiting.delete(id);
    return removal?.task;
  }

  /** As `take`, of all that wait. */
  takeAll(): readonly Task[] {
    return [...this.#waiting.keys()].map((id) => this.take(id)!);
  }

  /** Shows a task again, where there is one. */
  show(id: number): void {
    const hidden = new Set(this.#hidden);
    if (hidden.delete(id)) this.#hide(hidden);
  }

  #hide(ids: ReadonlySet<number>): void {
    this.#hidden = ids;
    for (const listener of this.#listeners) listener();
  }
}
