import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import type { Range } from '@tanstack/react-virtual';
import { useCallback, useContext, useRef } from 'react';
import type { Task } from '../../client/index.ts';
import { useBoard } from '../app/board-context.ts';
import { Card } from './card.tsx';
import { DraggedTask } from './dragged-task.ts';

/** What a card is taken to be until it is measured, and the space between two. Pixels. */
const usualHeight = 76;
const gap = 8;

export interface CardListProps {
  /** In their order. */
  readonly tasks: readonly Task[];
  readonly label: string;
}

/** The cards of a column, of which those that are on the screen are in the document. */
export function CardList({ tasks, label }: CardListProps) {
  const { store } = useBoard();
  const scroller = useRef<HTMLDivElement>(null);
  const dragged = useContext(DraggedTask);
  const draggedIndex = dragged === undefined ? -1 : tasks.findIndex(({ id }) => id === dragged);
  const rangeExtractor = useCallback(
    (range: Range) => withIndex(defaultRangeExtractor(range), draggedIndex),
    [draggedIndex],
  );
  const keyAt = (index: number): number => {
    const { id } = tasks[index]!;
    return store?.keyOf(id) ?? id;
  };
  const virtualizer = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => usualHeight,
    getItemKey: keyAt,
    gap,
    overscan: 2,
    rangeExtractor,
  });
  return (
    <div ref={scroller} className="card-scroller">
      {/* Safari takes a list without bullets for none, unless it is told. */}
      {/* oxlint-disable-next-line jsx-a11y/no-redundant-roles */}
      <ul role="list" className="cards" aria-label={label} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            aria-setsize={tasks.length}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start}px)` }}
          >
            <Card task={tasks[index]!} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Indices in order, one of them added where it is one. */
function withIndex(indices: number[], index: number): number[] {
  if (index < 0 || indices.includes(index)) return indices;
  return [...indices, index].toSorted((one, other) => one - other);
}
