import type { Announcements } from '@dnd-kit/core';
import { columnOf, columnTitles } from './columns.ts';
import { columnOver, taskOf } from './drag-data.ts';

/** What assistive technology says of the handle of a card. */
export const instructions = {
  draggable:
    'Space takes the card. The left and right arrows move it to another column, space drops it, Escape leaves it.',
};

/** What is said while a card is dragged. */
export const announcements: Announcements = {
  // What it is over is told right after.
  onDragStart: () => undefined,
  onDragOver: ({ active, over }) => {
    const task = taskOf(active);
    if (over === null) return `${task.name} is over no column.`;
    const column = columnOver(over);
    const title = columnTitles[column];
    return column === columnOf(task)
      ? `${task.name} is taken, and is over ${title}, where it was.`
      : `${task.name} is over ${title}.`;
  },
  onDragEnd: ({ active, over }) => {
    const task = taskOf(active);
    return over === null || columnOver(over) === columnOf(task)
      ? `${task.name} is left where it was.`
      : `${task.name} is dropped in ${columnTitles[columnOver(over)]}.`;
  },
  onDragCancel: ({ active }) => `${taskOf(active).name} is left where it was.`,
};
