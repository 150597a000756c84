import type { TaskEvent } from '../../protocol/events.ts';
import type { Task } from '../../protocol/task.ts';

/** Shows what the replica holds. */
export interface TaskView {
  /** Everything is replaced. */
  readonly reset: (tasks: readonly Task[]) => void;
  /** A task is new or has changed. */
  readonly put: (task: Task) => void;
  readonly remove: (id: number) => void;
}

/**
 * The page's copy of the tasks, made of loads and events only, in this order: a load that began after the stream did
 * holds all that came before it, and the events that arrive meanwhile are kept and applied to it. So a slow answer
 * can bring back neither a deleted task nor an old version.
 */
export class TaskReplica {
  readonly #view: TaskView;
  readonly #tasks = new Map<number, Task>();
  /** Events since the load began; undefined while there is none under way. */
  #kept: TaskEvent[] | undefined;

  constructor(view: TaskView) {
    this.#view = view;
  }

  /** A load begins, or begins anew: call it before the request is sent. */
  beginLoad(): void {
    this.#kept = [];
  }

  /** The load that began last is complete: all tasks that the user may see. */
  finishLoad(tasks: readonly Task[]): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    this.#tasks.clear();
    for (const task of tasks) this.#tasks.set(task.id, task);
    for (const event of kept) this.#change(event);
    this.#view.reset([...this.#tasks.values()]);
  }

  /** Takes an event of the stream, in the stream's order. */
  apply(event: TaskEvent): void {
    if (this.#kept !== undefined) {
      this.#kept.push(event);
      return;
    }
    if (!this.#change(event)) return;
    if (event.type === 'task.deleted') this.#view.remove(event.taskId);
    else this.#view.put(event.task);
  }

  /** Gives whether the event told something that is not older than what is held. */
  #change(event: TaskEvent): boolean {
    if (event.type === 'task.deleted') return this.#tasks.delete(event.taskId);
    const held = this.#tasks.get(event.taskId);
    // An equal version may carry news: a write past the API leaves the version as it is.
    if (held !== undefined && event.task.version < held.version) return false;
    this.#tasks.set(event.taskId, event.task);
    return true;
  }
}
