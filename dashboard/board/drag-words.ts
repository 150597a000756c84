import type { Announcements, UniqueIdentifier } from '@dnd-kit/core';
import type { TaskStatus } from '../../client/index.ts';
import { columnOf, columnTitles } from './columns.ts';
import { taskOf } from './drag-data.ts';

/** What assistive technology says of the handle of a card. */
export const instructions = {
  draggable:
    'Space takes the card. The left and right arrows move it to another column, space drops it, Escape leaves it.',
};

/** What is said while a card is dragged. */
export const announcements: Announcements = {
  onDragStart: ({ active }) => {
    const task = taskOf(active);
    return `${task.name} is taken. It is in ${columnTitles[columnOf(task)]}.`;
  },
  onDragOver: ({ active, over }) =>
    over === null
      ? `${taskOf(active).name} is over no column.`
      : `${taskOf(active).name} is over ${title(over.id)}.`,
  onDragEnd: ({ active, over }) => {
    const task = taskOf(active);
    return over === null || over.id === columnOf(task)
      ? `${task.name} is left where it was.`
      : `${task.name} is dropped in ${title(over.id)}.`;
  },
  onDragCancel: ({ active }) => `${taskOf(active).name} is left where it was.`,
};

function title(column: UniqueIdentifier): string {
  return columnTitles[column as TaskStatus];
}
