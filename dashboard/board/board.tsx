import { useMemo } from 'react';
import { useTasks } from '../../client/react/index.ts';
import { useBoard } from '../app/board-context.ts';
import { ColumnGrid } from './column-grid.tsx';
import { byColumn } from './order.ts';
import { Toolbar } from './toolbar.tsx';

/** The tasks in their columns. */
export function Board() {
  const { store } = useBoard();
  const { status, tasks } = useTasks(store);
  const sorted = useMemo(() => byColumn(tasks), [tasks]);
  return (
    <main>
      <Toolbar />
      <section
        id="board"
        aria-label="Board"
        aria-busy={status === 'loading'}
        data-tasks={status === 'ready' ? tasks.length : undefined}
      >
        <ColumnGrid tasks={sorted} isLoaded={status === 'ready'} />
      </section>
    </main>
  );
}
