import { useState } from 'react';
import type { Task, TaskStatus } from '../../client/index.ts';
import { CardMenu } from './card-menu.tsx';
import { ColumnSwitcher } from './column-switcher.tsx';
import { Column } from './column.tsx';
import { columns } from './columns.ts';
import { DragBoard } from './drag-board.tsx';
import { useIsNarrow } from './use-is-narrow.ts';

const none: readonly never[] = [];

export interface ColumnGridProps {
  /** The tasks that are shown, by column and in their order. */
  readonly tasks: ReadonlyMap<TaskStatus, readonly Task[]>;
  readonly isLoaded: boolean;
}

/** The columns beside each other; on a narrow page one at a time. */
export function ColumnGrid({ tasks, isLoaded }: ColumnGridProps) {
  const isNarrow = useIsNarrow();
  const [chosen, setChosen] = useState<TaskStatus>('inbox');
  return (
    <DragBoard>
      {isNarrow && <ColumnSwitcher tasks={tasks} chosen={chosen} onChoose={setChosen} />}
      {/* It scrolls, and a board without cards has nothing else in it that the keyboard reaches. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="columns" data-narrow={isNarrow} role="group" aria-label="Columns" tabIndex={0}>
        {(isNarrow ? [chosen] : columns).map((column) => (
          <Column
            key={column}
            column={column}
            tasks={tasks.get(column) ?? none}
            isLoaded={isLoaded}
            // On a narrow page cards are dropped on the switcher.
            takesDrops={!isNarrow}
          />
        ))}
      </div>
      <CardMenu />
    </DragBoard>
  );
}
