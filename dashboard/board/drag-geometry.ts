import { pointerWithin } from '@dnd-kit/core';
import type { CollisionDetection } from '@dnd-kit/core';
import type { TaskStatus } from '../../client/index.ts';
import { columnOver } from './drag-data.ts';

/**
 * Finds the column in which a card would be dropped: the one under the pointer, and by keys the one where they have put it.
 * @param target where keys have put it.
 */
export function columnToTake(target: { readonly current: TaskStatus | undefined }): CollisionDetection {
  return (context) => {
    if (context.pointerCoordinates !== null) return pointerWithin(context);
    const container = context.droppableContainers.find(({ data }) => columnOver({ data }) === target.current);
    return container === undefined ? [] : [{ id: container.id }];
  };
}
