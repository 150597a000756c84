import { Menu } from '@base-ui/react/menu';
import type { Task } from '../../client/index.ts';
import { useBoard, useWriteObstacle } from '../app/board-context.ts';
import { columnOf, columns, columnTitles } from './columns.ts';

/** What can be done with a task from its card: moves it to another column, or deletes it. */
export function MoveMenu({ task }: { readonly task: Task }) {
  const { actions } = useBoard();
  const obstacle = useWriteObstacle();
  return (
    <Menu.Root>
      <Menu.Trigger
        className="icon-button"
        aria-label={`Actions for ${task.name}`}
        disabled={obstacle !== undefined}
        title={obstacle ?? 'Move or delete'}
      >
        ⋯
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="positioner" sideOffset={4} align="end">
          <Menu.Popup className="popup menu">
            <Menu.Group>
              <Menu.GroupLabel className="menu-label">Move to</Menu.GroupLabel>
              {columns.map((column) => (
                <Menu.Item
                  key={column}
                  className="menu-item"
                  disabled={column === columnOf(task)}
                  onClick={() => void actions?.move(task, column)}
                >
                  {columnTitles[column]}
                </Menu.Item>
              ))}
            </Menu.Group>
            <Menu.Separator className="menu-separator" />
            <Menu.Item className="menu-item danger" onClick={() => actions?.remove(task)}>
              Delete
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
