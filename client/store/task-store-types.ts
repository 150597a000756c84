import type { Task } from '../../protocol/task.ts';
import type { TaskFields } from '../http/task-api.ts';
import type { TaskWriteOutcome } from './pending-write.ts';
import type { TaskFilter } from './task-filter.ts';

/** The state of a board. It is the same object as long as nothing in it changes. */
export interface TaskStoreSnapshot {
  /**
   * `loading`: there is no complete state yet. `ready`: there is one; while the connection recovers, or loads again, it is
   * the last one. `failed`: the server has refused it in a way that does not pass.
   */
  readonly status: 'loading' | 'ready' | 'failed';
  /** Why it could not be loaded; unless the status is `failed`, it is tried again. */
  readonly error: Error | undefined;
  /** In order of id, those at the end that the server has not created yet; the same array while none has changed. */
  readonly tasks: readonly Task[];
  /** Ids of the tasks about which a write is under way, those among them that it has deleted from `tasks`. */
  readonly pending: ReadonlySet<number>;
}

export interface TaskStoreOptions {
  /** Which tasks: the filter of the connection, in the same words. */
  readonly filter?: TaskFilter | undefined;
}

export interface CreateOptions {
  /** Idempotency key of what the user did, for when it is done again: the same key makes one task. */
  readonly key?: string | undefined;
}

export interface WriteOptions {
  /** The task as its user saw it who decided on the write, where that is not what the store has now. */
  readonly seen?: Task | undefined;
}

/**
 * The tasks of a connection: as they are, with the user's own writes at once. All functions may be handed on alone, such
 * as to `useSyncExternalStore`. Those that write throw as `Connection.send`, and what they have shown is taken back then.
 */
export interface TaskStore {
  readonly getSnapshot: () => TaskStoreSnapshot;
  /**
   * Calls `listener` after each turn in which the snapshot has changed.
   * @returns ends that.
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** A task; the same object while it does not change. A temporary id is good for the task that was created as well. */
  readonly getTask: (id: number) => Task | undefined;
  /** As `subscribe`, for changes of one task and of whether it is pending alone. */
  readonly subscribeTask: (id: number, listener: () => void) => () => void;
  /** Whether a write of the task is under way. */
  readonly isPending: (id: number) => boolean;
  /** The temporary id of a task that this store has created, else its id: what a list may take as the key of its element. */
  readonly keyOf: (id: number) => number;
  /** Shows the task at once, with a negative id until the server gives it one. */
  readonly create: (fields: TaskFields, options?: CreateOptions) => Promise<TaskWriteOutcome>;
  readonly update: (id: number, fields: TaskFields, options?: WriteOptions) => Promise<TaskWriteOutcome>;
  /** Ends with `gone`. */
  readonly remove: (id: number, options?: WriteOptions) => Promise<TaskWriteOutcome>;
  /** Loads the tasks now, such as after `failed`. */
  readonly reload: () => void;
  /** Follows the connection no more, and tells nobody of anything. Requests that were sent are not taken back. */
  readonly close: () => void;
}
