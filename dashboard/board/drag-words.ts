import type { Active, Announcements, Over } from '@dnd-kit/core';
import type { Task, TaskStatus } from '../../client/index.ts';
import { columnOf, columnTitles } from './columns.ts';
import { columnOver } from './drag-data.ts';

/** What assistive technology says of the handle of a card. */
export const instructions = {
  draggable:
    'Space takes the card. The left and right arrows move it to another column, space drops it, Escape leaves it.',
};

export interface DragWords {
  /** The task that is dragged, also when its card has left the page. */
  readonly taken: (active: Active) => Task;
  /** Why a task cannot be moved now; undefined where it can. */
  readonly obstacleTo: (task: Task) => string | undefined;
  /** The column that a drop leads to. */
  readonly landing: (over: Over | null) => TaskStatus | undefined;
}

/** What is said while a card is dragged. */
export function announcements({ taken, obstacleTo, landing }: DragWords): Announcements {
  return {
    // What it is over is told right after.
    onDragStart: () => undefined,
    onDragOver: ({ active, over }) => {
      const task = taken(active);
      if (over === null) return `${task.name} is over no column.`;
      const column = columnOver(over);
      const title = columnTitles[column];
      return column === columnOf(task)
        ? `${task.name} is taken, and is over ${title}, where it was.`
        : `${task.name} is over ${title}.`;
    },
    onDragEnd: ({ active, over }) => {
      const task = taken(active);
      const obstacle = obstacleTo(task);
      if (obstacle !== undefined) return `${task.name} is not moved. ${obstacle}`;
      const column = landing(over);
      return column === undefined || column === columnOf(task)
        ? `${task.name} is left where it was.`
        : `${task.name} is dropped in ${columnTitles[column]}.`;
    },
    onDragCancel: ({ active }) => `${taken(active).name} is left where it was.`,
  };
}
