import { useDroppable } from '@dnd-kit/core';
import { memo } from 'react';
import type { Task, TaskStatus } from '../../client/index.ts';
import { CardList } from './card-list.tsx';
import { columnTitles } from './columns.ts';
import type { DropData } from './drag-data.ts';

export interface ColumnProps {
  readonly column: TaskStatus;
  /** In their order. */
  readonly tasks: readonly Task[];
  readonly isLoaded: boolean;
  /** Whether cards can be dropped on it. */
  readonly takesDrops: boolean;
}

/** A column of the board. */
export const Column = memo(function Column({ column, tasks, isLoaded, takesDrops }: ColumnProps) {
  const { setNodeRef, isOver } = useDroppable({
    id: `column ${column}`,
    data: { column } satisfies DropData,
    disabled: !takesDrops,
  });
  return (
    <section
      ref={takesDrops ? setNodeRef : undefined}
      className="column"
      data-status={column}
      data-over={isOver}
      aria-label={columnTitles[column]}
    >
      <header>
        <h2>{columnTitles[column]}</h2>
        <span className="count">{tasks.length}</span>
      </header>
      {tasks.length === 0 ? (
        <p className="empty">{isLoaded ? 'No tasks' : 'Loading…'}</p>
      ) : (
        <CardList tasks={tasks} label={columnTitles[column]} />
      )}
    </section>
  );
});
