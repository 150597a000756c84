import type { Connection, Task, TaskStatus } from '../../client/index.ts';
import type { TaskFields, TaskStore, TaskWriteOutcome } from '../../client/store/index.ts';
import { columnOf, columnTitles, fieldsToMove } from '../board/columns.ts';
import type { ToastQueue } from '../toasts/use-toasts.ts';

export interface TaskActionsOptions {
  readonly store: TaskStore;
  readonly connection: Connection;
  readonly toasts: ToastQueue;
  readonly user: string;
}

/** What the user does with tasks, and what the user is told of how it went. */
export class TaskActions {
  readonly #options: TaskActionsOptions;

  constructor(options: TaskActionsOptions) {
    this.#options = options;
  }

  /** As `TaskStore.create`; undefined when it failed, which the user has been told. */
  create(fields: TaskFields, key: string): Promise<TaskWriteOutcome | undefined> {
    return this.#report(this.#options.store.create(fields, { key }));
  }

  /** Moves a task to another column, and offers to take that back. */
  async move(task: Task, column: TaskStatus): Promise<void> {
    const { store, toasts } = this.#options;
    const outcome = await this.#report(store.update(task.id, fieldsToMove(task, column), { seen: task }));
    if (outcome?.kind !== 'done') return;
    const moved = outcome.task;
    toasts.show({
      title: `Moved “${task.name}” to ${columnTitles[column]}.`,
      undo: () =>
        void this.#report(store.update(moved.id, fieldsToMove(moved, columnOf(task)), { seen: moved })),
    });
  }

  remove(task: Task): void {
    void this.#report(this.#options.store.remove(task.id, { seen: task }));
  }

  close(): void {}

  async #report(write: Promise<TaskWriteOutcome>): Promise<TaskWriteOutcome | undefined> {
    try {
      return await write;
    } catch (error) {
      this.#options.toasts.show({ title: (error as Error).message, isProblem: true });
      return undefined;
    }
  }
}
