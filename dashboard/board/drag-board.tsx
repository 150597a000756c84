import { DndContext, DragOverlay, MouseSensor, TouchSensor, useSensor, useSensors } from '@dnd-kit/core';
import type { Active, DragEndEvent, DragStartEvent, Over } from '@dnd-kit/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Task, TaskStatus } from '../../client/index.ts';
import { useTask } from '../../client/react/index.ts';
import { useBoard, useWriteObstacle } from '../app/board-context.ts';
import { CardFace } from './card-face.tsx';
import { columnOver, taskOf } from './drag-data.ts';
import { columnToTake } from './drag-geometry.ts';
import { ColumnKeySensor } from './drag-keys.ts';
import { announcements, instructions } from './drag-words.ts';
import { DraggedTask, KeepTask } from './dragged-task.ts';
import { useFocusAfterDrop } from './use-focus-after-drop.ts';

/** Around the columns: lets cards be dragged between them, by mouse, by touch and by keys. */
export function DragBoard({ children }: { readonly children: ReactNode }) {
  const { store, actions } = useBoard();
  const obstacle = useWriteObstacle();
  const [dragged, setDragged] = useState<number>();
  const [kept, setKept] = useState<number>();
  const keepFocus = useFocusAfterDrop();
  const [{ keyTarget, collisions, landing, take, taken }] = useState(createDrag);
  const sensors = useSensors(
    // So that a click stays a click.
    useSensor(MouseSensor, { activationConstraint: { distance: 6 } }),
    // So that a swipe scrolls.
    useSensor(TouchSensor, { activationConstraint: { delay: 250, tolerance: 8 } }),
    useSensor(ColumnKeySensor, { target: keyTarget }),
  );
  const obstacleTo = ({ id }: Task): string | undefined =>
    store?.getTask(id) === undefined ? 'It is not there any more.' : obstacle;
  const drop = ({ active, over, activatorEvent }: DragEndEvent): void => {
    setDragged(undefined);
    // As it is now: it may have changed while it was dragged.
    const task = store?.getTask(Number(active.id));
    const column = landing(over);
    if (column === undefined || task === undefined || obstacle !== undefined || actions === undefined) return;
    const moved = actions.move(task, column);
    if (!(activatorEvent instanceof KeyboardEvent)) return;
    setKept(task.id);
    keepFocus({ id: task.id, instead: document.querySelector('.switcher [data-over="true"]') }, moved);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={collisions}
      accessibility={{
        announcements: announcements({ taken, obstacleTo, landing }),
        screenReaderInstructions: instructions,
        restoreFocus: false,
      }}
      onDragStart={({ active }: DragStartEvent) => {
        take(active);
        setDragged(Number(active.id));
      }}
      onDragCancel={() => setDragged(undefined)}
      onDragEnd={drop}
    >
      <DraggedTask value={dragged ?? kept}>
        <KeepTask value={setKept}>{children}</KeepTask>
      </DraggedTask>
      <DragOverlay dropAnimation={null}>{dragged !== undefined && <DraggedCard id={dragged} />}</DragOverlay>
    </DndContext>
  );
}

/** What is known of a drag between two renders: where keys have put the card, and which it is. */
function createDrag() {
  const keyTarget: { current: TaskStatus | undefined } = { current: undefined };
  let last: Task;
  return {
    keyTarget,
    take: (active: Active): void => {
      last = taskOf(active) ?? last;
    },
    // The library forgets what a card has said of itself when that leaves the page.
    taken: (active: Active): Task => taskOf(active) ?? last,
    collisions: columnToTake(keyTarget),
    // By keys not what the library says: that is of its last render, and the next key may be faster.
    landing: (over: Over | null) => keyTarget.current ?? (over === null ? undefined : columnOver(over)),
  };
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
