import { useSyncExternalStore } from 'react';

/**
 * The task that is open on the page, by the page's address: so a link leads to a task, and a step back in the history
 * closes it.
 * @returns undefined where none is.
 */
export function useOpenTask(): number | undefined {
  return useSyncExternalStore(subscribe, openTaskId);
}

export function openTask(id: number): void {
  location.hash = `task-${id}`;
}

export function closeTask(): void {
  if (openTaskId() !== undefined) location.hash = '';
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

function openTaskId(): number | undefined {
  const [, id] = /^#task-(\d{1,15})$/.exec(location.hash) ?? [];
  return id === undefined ? undefined : Number(id);
}
