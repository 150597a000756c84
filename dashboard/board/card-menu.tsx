import { Menu } from '@base-ui/react/menu';
import { use, useState } from 'react';
import type { Task } from '../../client/index.ts';
import { useBoard, useWriteObstacle } from '../app/board-context.ts';
import { openTask } from '../app/open-task.ts';
import { columnOf, columns, columnTitles } from './columns.ts';
import { KeepTask } from './dragged-task.ts';

/** One menu for all cards: a thousand would be a thousand things to render. */
const handle = Menu.createHandle<Task>();

/** Opens the menu of a card. */
export function CardMenuTrigger({ task }: { readonly task: Task }) {
  const obstacle = useWriteObstacle();
  return (
    <Menu.Trigger
      handle={handle}
      payload={task}
      className="icon-button menu-trigger"
      aria-label={`Actions for ${task.name}`}
      disabled={obstacle !== undefined || task.id < 0}
      title={obstacle}
    >
      ⋯
    </Menu.Trigger>
  );
}

/** What can be done with a task from its card: moves it to another column, opens it, deletes it. */
export function CardMenu() {
  // Not at the end of the page, which is in no landmark.
  const [container, setContainer] = useState<HTMLDivElement | null>(null);
  return (
    <div ref={setContainer}>
      <Menu.Root handle={handle}>
        {({ payload: task }) => (
          <Menu.Portal container={container}>
            <Menu.Positioner className="positioner" sideOffset={4} align="end">
              <Menu.Popup className="popup menu" finalFocus={() => task === undefined || triggerOf(task)}>
                {task && <CardMenuItems task={task} />}
              </Menu.Popup>
            </Menu.Positioner>
          </Menu.Portal>
        )}
      </Menu.Root>
    </div>
  );
}

/** In another column it is another element; on a narrow page that column is not shown. */
function triggerOf({ id }: Task): HTMLElement | boolean {
  return (
    document.querySelector<HTMLElement>(`.card[data-task="${id}"] .menu-trigger`) ??
    document.querySelector<HTMLElement>('.switcher [aria-pressed="true"]') ??
    true
  );
}

function CardMenuItems({ task }: { readonly task: Task }) {
  const { actions } = useBoard();
  const keep = use(KeepTask);
  return (
    <>
      <Menu.Group>
        <Menu.GroupLabel className="menu-label">Move to</Menu.GroupLabel>
        {columns.map((column) => (
          <Menu.Item
            key={column}
            className="menu-item"
            disabled={column === columnOf(task)}
            onClick={() => {
              keep(task.id);
              void actions?.move(task, column);
            }}
          >
            {columnTitles[column]}
          </Menu.Item>
        ))}
      </Menu.Group>
      <Menu.Separator className="menu-separator" />
      <Menu.Item className="menu-item" onClick={() => openTask(task.id)}>
        Open
      </Menu.Item>
      <Menu.Item className="menu-item danger" onClick={() => actions?.remove(task)}>
        Delete
      </Menu.Item>
    </>
  );
}
