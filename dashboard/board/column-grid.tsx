import type { Task, TaskStatus } from '../../client/index.ts';
import { Column } from './column.tsx';
import { columns } from './columns.ts';

const none: readonly never[] = [];

export interface ColumnGridProps {
  /** The tasks that are shown, by column and in their order. */
  readonly tasks: ReadonlyMap<TaskStatus, readonly Task[]>;
  readonly isLoaded: boolean;
}

/** The columns beside each other. */
export function ColumnGrid({ tasks, isLoaded }: ColumnGridProps) {
  return (
    <div className="columns">
      {columns.map((column) => (
        <Column key={column} column={column} tasks={tasks.get(column) ?? none} isLoaded={isLoaded} />
      ))}
    </div>
  );
}
