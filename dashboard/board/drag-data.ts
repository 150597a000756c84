import type { Active } from '@dnd-kit/core';
import type { Task } from '../../client/index.ts';

/** What a card that can be dragged says of itself. */
export interface DragData extends Record<string, unknown> {
  readonly task: Task;
}

/** The task that a drag is about. */
export function taskOf({ data }: Pick<Active, 'data'>): Task {
  return (data.current as DragData).task;
}
