import type { TaskStatus } from '../../client/index.ts';
import { columns, columnTitles } from '../board/columns.ts';

export interface ColumnFieldProps {
  readonly value: TaskStatus;
  readonly onChange: (column: TaskStatus) => void;
  readonly isDisabled?: boolean;
}

/** The column of a task: one button for each, so that arrow keys on the way to one do not move the task. */
export function ColumnField({ value, onChange, isDisabled = false }: ColumnFieldProps) {
  return (
    <div className="field" role="group" aria-label="Column">
      <span className="field-label" aria-hidden="true">
        Column
      </span>
      <div className="choices">
        {columns.map((column) => (
          <button
            key={column}
            type="button"
            className="chip"
            aria-pressed={column === value}
            disabled={isDisabled}
            onClick={() => {
              if (column !== value) onChange(column);
            }}
          >
            {columnTitles[column]}
          </button>
        ))}
      </div>
    </div>
  );
}
