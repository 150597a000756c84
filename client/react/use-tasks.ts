import { useMemo } from 'react';
import type { Task } from '../../protocol/task.ts';
import type { TaskStore, TaskStoreSnapshot } from '../store/task-store-types.ts';
import { useNow } from './use-opened.ts';

/** A task, and whether a write of it is under way. */
export interface UsedTask {
  /** Undefined where there is none, or none yet. */
  readonly task: Task | undefined;
  readonly isPending: boolean;
}

const loading: TaskStoreSnapshot = { status: 'loading', error: undefined, tasks: [], pending: new Set() };

/** All that a store shows: renders with each change of it. */
export function useTasks(store: TaskStore | undefined): TaskStoreSnapshot {
  return useNow(store?.subscribe, () => store?.getSnapshot() ?? loading, loading);
}

/** One task of a store: renders with its changes alone. */
export function useTask(store: TaskStore | undefined, id: number): UsedTask {
  const subscribe = useMemo(
    () => store && ((listener: () => void) => store.subscribeTask(id, listener)),
    [store, id],
  );
  const task = useNow(subscribe, () => store?.getTask(id), undefined);
  const isPending = useNow(subscribe, () => store?.isPending(id) ?? false, false);
  return { task, isPending };
}
