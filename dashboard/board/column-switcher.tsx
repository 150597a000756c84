import { useDroppable } from '@dnd-kit/core';
import type { Task, TaskStatus } from '../../client/index.ts';
import { columns, columnTitles } from './columns.ts';
import type { DropData } from './drag-data.ts';

export interface ColumnSwitcherProps {
  readonly tasks: ReadonlyMap<TaskStatus, readonly Task[]>;
  readonly chosen: TaskStatus;
  readonly onChoose: (column: TaskStatus) => void;
}

/** Chooses the one column that a narrow page shows. */
export function ColumnSwitcher({ tasks, chosen, onChoose }: ColumnSwitcherProps) {
  return (
    <div className="switcher" role="group" aria-label="Column">
      {columns.map((column) => (
        <ColumnButton
          key={column}
          column={column}
          count={tasks.get(column)?.length ?? 0}
          isChosen={column === chosen}
          onChoose={onChoose}
        />
      ))}
    </div>
  );
}

interface ColumnButtonProps {
  readonly column: TaskStatus;
  readonly count: number;
  readonly isChosen: boolean;
  readonly onChoose: (column: TaskStatus) => void;
}

function ColumnButton({ column, count, isChosen, onChoose }: ColumnButtonProps) {
  const { setNodeRef, isOver } = useDroppable({
    id: `switcher ${column}`,
    data: { column } satisfies DropData,
  });
  return (
    <button
      ref={setNodeRef}
      type="button"
      aria-pressed={isChosen}
      data-over={isOver}
      onClick={() => onChoose(column)}
    >
      {columnTitles[column]} <span className="count">{count}</span>
    </button>
  );
}
