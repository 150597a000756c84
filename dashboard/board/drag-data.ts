import type { Active, Over } from '@dnd-kit/core';
import type { Task, TaskStatus } from '../../client/index.ts';

/** What a card that can be dragged says of itself. */
export interface DragData extends Record<string, unknown> {
  readonly task: Task;
}

/** The task that a drag is about; undefined when its card is not on the page any more. */
export function taskOf({ data }: Pick<Active, 'data'>): Task | undefined {
  return data.current?.['task'] as Task | undefined;
}

/** What something says of itself onto which a card can be dropped. */
export interface DropData extends Record<string, unknown> {
  readonly column: TaskStatus;
}

/** The column to which a card would go by a drop. */
export function columnOver({ data }: Pick<Over, 'data'>): TaskStatus {
  return (data.current as DropData).column;
}
