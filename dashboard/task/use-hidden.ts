import { useSyncExternalStore } from 'react';
import type { TaskActions } from './task-actions.ts';

const none: ReadonlySet<number> = new Set();
const never = () => (): void => {};

/** Ids of the tasks that are not shown, since the user has deleted them. */
export function useHidden(actions: TaskActions | undefined): ReadonlySet<number> {
  return useSyncExternalStore(
    actions?.hidden.subscribe ?? never,
    () => actions?.hidden.getSnapshot() ?? none,
  );
}
