import { backOff } from '../connection/backoff.ts';
import type { Connection } from '../connection/connection.ts';
import { BoardState } from './board-state.ts';
import type { TaskStore, TaskStoreOptions } from './task-store-types.ts';

export type { Task, TaskStatus, Visibility } from '../../protocol/task.ts';
export type { TaskFields } from '../http/task-api.ts';
export type { TaskWriteOutcome } from './pending-write.ts';
export type { TaskFilter } from './task-filter.ts';
export type {
  CreateOptions,
  TaskStore,
  TaskStoreOptions,
  TaskStoreSnapshot,
  WriteOptions,
} from './task-store-types.ts';

/** Keeps the tasks of a connection, from now on. */
export function createTaskStore(connection: Connection, { filter = {} }: TaskStoreOptions = {}): TaskStore {
  const closing = new AbortController();
  const { signal } = closing;
  return new BoardState({
    connection,
    filter,
    closing,
    wait: (attempts, atLeastMs) => backOff(attempts, signal, atLeastMs),
  });
}
