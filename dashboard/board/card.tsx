import { useDraggable } from '@dnd-kit/core';
import { memo } from 'react';
import type { MouseEvent } from 'react';
import type { Task } from '../../client/index.ts';
import { useTask } from '../../client/react/index.ts';
import { useBoard, useWriteObstacle } from '../app/board-context.ts';
import { openTask } from '../app/open-task.ts';
import { Assignees, CardFacts } from './card-face.tsx';
import { CardPresence } from './card-presence.tsx';
import type { DragData } from './drag-data.ts';
import { CardMenuTrigger } from './card-menu.tsx';

/** One task on the board. */
export const Card = memo(function Card({ task }: { readonly task: Task }) {
  const { store } = useBoard();
  const obstacle = useWriteObstacle();
  const { isPending } = useTask(store, task.id);
  const isCreated = task.id > 0;
  const canMove = isCreated && obstacle === undefined;
  const { setNodeRef, setActivatorNodeRef, listeners, attributes, isDragging } = useDraggable({
    id: task.id,
    data: { task } satisfies DragData,
    disabled: !canMove,
  });
  // The pointer takes the card anywhere, and keys take it by its handle.
  const { onKeyDown, ...pointerListeners } = listeners ?? {};
  const open = ({ target }: MouseEvent): void => {
    if (isCreated && !(target as Element).closest('button')) openTask(task.id);
  };
  return (
    // Its name is the button that opens it, for keys and assistive technology.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <article
      ref={setNodeRef}
      className="card"
      data-task={task.id}
      data-dragging={isDragging}
      aria-busy={isPending}
      onClick={open}
      {...pointerListeners}
    >
      <div className="card-top">
        <button
          type="button"
          className="name"
          dir="auto"
          disabled={!isCreated}
          onClick={() => openTask(task.id)}
        >
          {task.name}
        </button>
        {canMove && (
          <button
            ref={setActivatorNodeRef}
            {...attributes}
            type="button"
            className="icon-button handle"
            aria-label={`Move ${task.name}`}
            onKeyDown={onKeyDown as never}
          >
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="M6 4h.01M6 8h.01M6 12h.01M10 4h.01M10 8h.01M10 12h.01" />
            </svg>
          </button>
        )}
      </div>
      <div className="card-line">
        <CardFacts task={task} />
        <div className="card-people">
          <CardPresence taskId={task.id} />
          <Assignees task={task} />
          <CardMenuTrigger task={task} />
        </div>
      </div>
    </article>
  );
});
