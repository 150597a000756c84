import type { Task, TaskStatus } from '../../client/index.ts';
import { useBoard } from '../app/board-context.ts';
import { Card } from './card.tsx';
import { columnTitles } from './columns.ts';

export interface ColumnProps {
  readonly column: TaskStatus;
  /** In their order. */
  readonly tasks: readonly Task[];
  readonly isLoaded: boolean;
}

export function Column({ column, tasks, isLoaded }: ColumnProps) {
  const { store } = useBoard();
  return (
    <section className="column" data-status={column} aria-label={columnTitles[column]}>
      <header>
        <h2>{columnTitles[column]}</h2>
        <span className="count">{tasks.length}</span>
      </header>
      {tasks.length === 0 ? (
        <p className="empty">{isLoaded ? 'No tasks' : 'Loading…'}</p>
      ) : (
        <ul className="cards">
          {tasks.map((task) => (
            <li key={store?.keyOf(task.id) ?? task.id}>
              <Card task={task} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
