import { backOff } from '../connection/backoff.ts';
import type { Connection } from '../connection/connection.ts';
import { BoardState } from './board-state.ts';
import type { TaskStore, TaskStoreOptions } from './task-store-types.ts';

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
