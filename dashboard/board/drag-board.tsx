import {
  DndContext,
  DragOverlay,
  KeyboardSensor,
  MouseSensor,
  TouchSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import type { DragEndEvent, DragStartEvent } from '@dnd-kit/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTask } from '../../client/react/index.ts';
import { useBoard, useWriteObstacle } from '../app/board-context.ts';
import { CardFace } from './card-face.tsx';
import { columnOver } from './drag-data.ts';
import { DraggedTask } from './dragged-task.ts';
import { announcements, instructions } from './drag-words.ts';
import { columnUnderPointer, nextColumn } from './drag-geometry.ts';

/** Around the columns: lets cards be dragged between them, by mouse, by touch and by keys. */
export function DragBoard({ children }: { readonly children: ReactNode }) {
  const { store, actions } = useBoard();
  const obstacle = useWriteObstacle();
  const [dragged, setDragged] = useState<number>();
  const sensors = useSensors(
    // So that a click stays a click.
    useSensor(MouseSensor, { activationConstraint: { distance: 6 } }),
    // So that a swipe scrolls.
    useSensor(TouchSensor, { activationConstraint: { delay: 250, tolerance: 8 } }),
    useSensor(KeyboardSensor, { coordinateGetter: nextColumn }),
  );
  const drop = ({ active, over }: DragEndEvent): void => {
    setDragged(undefined);
    // As it is now: it may have changed while it was dragged.
    const task = store?.getTask(Number(active.id));
    if (over === null || task === undefined || obstacle !== undefined) return;
    void actions?.move(task, columnOver(over));
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={columnUnderPointer}
      accessibility={{ announcements, screenReaderInstructions: instructions }}
      onDragStart={({ active }: DragStartEvent) => setDragged(Number(active.id))}
      onDragCancel={() => setDragged(undefined)}
      onDragEnd={drop}
    >
      <DraggedTask value={dragged}>{children}</DraggedTask>
      <DragOverlay dropAnimation={null}>{dragged !== undefined && <DraggedCard id={dragged} />}</DragOverlay>
    </DndContext>
  );
}

/** What follows the pointer. */
function DraggedCard({ id }: { readonly id: number }) {
  const { store } = useBoard();
  const { task } = useTask(store, id);
  return (
    task && (
      <div className="card dragged" aria-hidden="true">
        <CardFace task={task} />
      </div>
    )
  );
}
