import type { RefObject } from 'react';
import type { BoardFilter } from './filter.ts';
import { everything, flagLabels, flags, isFiltering } from './filter.ts';

export interface FilterBarProps {
  readonly filter: BoardFilter;
  readonly onChange: (filter: BoardFilter) => void;
  /** How many tasks it leaves, and of how many. */
  readonly shown: number;
  readonly total: number;
  readonly searchRef: RefObject<HTMLInputElement | null>;
}

/** Search and filters over the columns. */
export function FilterBar({ filter, onChange, shown, total, searchRef }: FilterBarProps) {
  const isActive = isFiltering(filter);
  return (
    <search className="filter-bar" aria-label="Filter">
      <input
        ref={searchRef}
        type="search"
        aria-label="Search tasks"
        aria-keyshortcuts="/"
        placeholder="Search"
        value={filter.text}
        dir="auto"
        onChange={({ target }) => onChange({ ...filter, text: target.value })}
        onKeyDown={({ key, currentTarget }) => {
          if (key !== 'Escape') return;
          if (filter.text === '') currentTarget.blur();
          else onChange({ ...filter, text: '' });
        }}
      />
      <div className="chips" role="group" aria-label="Only tasks that are">
        {flags.map((flag) => (
          <button
            key={flag}
            type="button"
            className="chip"
            aria-pressed={filter[flag]}
            onClick={() => onChange({ ...filter, [flag]: !filter[flag] })}
          >
            {flagLabels[flag]}
          </button>
        ))}
      </div>
      <p role="status" className="shown">
        {isActive && `${shown.toLocaleString()} of ${total.toLocaleString()}`}
      </p>
      {isActive && (
        <button type="button" onClick={() => onChange(everything)}>
          Show all
        </button>
      )}
    </search>
  );
}
