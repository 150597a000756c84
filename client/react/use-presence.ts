import type { Viewer } from '../../protocol/awareness.ts';
import type { Presence } from '../presence/presence-types.ts';
import { none, useNow } from './use-opened.ts';

/** Who is there, or who looks at a task: renders when that changes. */
export function useViewers(presence: Presence | undefined, taskId?: number): readonly Viewer[] {
  const viewers = (): readonly Viewer[] =>
    (taskId === undefined ? presence?.getSnapshot() : presence?.viewersAt(taskId)) ?? none;
  return useNow(presence?.subscribe, viewers, none);
}

/** Ids of the others who type at a task: renders when that changes. */
export function useTyping(presence: Presence | undefined, taskId: number): readonly string[] {
  return useNow(presence?.subscribe, () => presence?.typingAt(taskId) ?? none, none);
}
