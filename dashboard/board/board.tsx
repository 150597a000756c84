import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { useTasks } from '../../client/react/index.ts';
import { Announcements } from '../announcements/announcements.tsx';
import { useBoard } from '../app/board-context.ts';
import { FilterBar } from '../filter/filter-bar.tsx';
import { everything, filterTasks, isFiltering } from '../filter/filter.ts';
import { useHidden } from '../task/use-hidden.ts';
import { BoardNotice } from './board-notice.tsx';
import { ColumnGrid } from './column-grid.tsx';
import { EmptyBoard } from './empty-board.tsx';
import { byColumn } from './order.ts';
import { Toolbar } from './toolbar.tsx';

/** The tasks in their columns, and what is over them. */
export function Board() {
  const { store, identity, actions } = useBoard();
  const { status, tasks: all } = useTasks(store);
  const hidden = useHidden(actions);
  const tasks = useMemo(
    () => (hidden.size === 0 ? all : all.filter(({ id }) => !hidden.has(id))),
    [all, hidden],
  );
  const [filter, setFilter] = useState(everything);
  const search = useRef<HTMLInputElement>(null);
  const applied = useDeferredValue(filter);
  const shown = useMemo(() => filterTasks(tasks, applied, identity.user), [tasks, applied, identity.user]);
  const columns = useMemo(() => byColumn(shown), [shown]);
  const isEmptied = isFiltering(applied) && shown.length === 0 && tasks.length > 0;
  return (
    <main>
      <Toolbar onSearch={() => search.current?.focus()}>
        <FilterBar
          filter={filter}
          onChange={setFilter}
          shown={shown.length}
          total={tasks.length}
          searchRef={search}
        />
      </Toolbar>
      <BoardNotice />
      {status === 'ready' && tasks.length === 0 && <EmptyBoard />}
      {isEmptied && <p className="nothing-found">No task fits. Change the search, or show all.</p>}
      <section
        id="board"
        aria-label="Board"
        aria-busy={status === 'loading'}
        data-load={status}
        data-tasks={status === 'ready' ? tasks.length : undefined}
      >
        <ColumnGrid tasks={columns} isLoaded={status === 'ready'} />
      </section>
      <Announcements />
    </main>
  );
}
