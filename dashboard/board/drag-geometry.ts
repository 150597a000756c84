import { closestCenter, pointerWithin } from '@dnd-kit/core';
import type { CollisionDetection, KeyboardCoordinateGetter } from '@dnd-kit/core';

/** The column that a card would be dropped in: the one under the pointer, and by keys the one that it was moved to. */
export const columnUnderPointer: CollisionDetection = (context) =>
  context.pointerCoordinates === null ? closestCenter(context) : pointerWithin(context);

/** Where a card goes by an arrow key: onto the column before or the next one. */
export const nextColumn: KeyboardCoordinateGetter = (event, { context, currentCoordinates }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.code];
  if (step === undefined) return undefined;
  event.preventDefault();
  const { droppableRects, over, collisionRect } = context;
  const columns = [...droppableRects].toSorted(([, one], [, other]) => one.left - other.left);
  const [, rect] = columns[columns.findIndex(([id]) => id === over?.id) + step] ?? [];
  if (rect === undefined || collisionRect === null) return undefined;
  return {
    x: rect.left + (rect.width - collisionRect.width) / 2,
    y: Math.max(currentCoordinates.y, rect.top),
  };
};
