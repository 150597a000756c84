import { Popover } from '@base-ui/react/popover';
import type { Viewer } from '../../client/index.ts';
import { useViewers } from '../../client/react/index.ts';
import { useBoard } from '../app/board-context.ts';
import { Avatar } from './avatar.tsx';

/** How many have a picture in the bar; all are in the list. */
const most = 4;

/** Who else has the board open. */
export function WhoIsHere() {
  const { presence, identity } = useBoard();
  const others = useViewers(presence).filter(({ userId }) => userId !== identity.user);
  if (others.length === 0) return undefined;
  const more = others.length - most;
  return (
    <Popover.Root>
      <Popover.Trigger id="who-is-here" aria-label={`${others.length} here besides you`}>
        {others.slice(0, most).map(({ userId, state }) => (
          <Avatar key={userId} user={userId} isAway={state === 'hidden'} />
        ))}
        {more > 0 && <span className="more">+{more}</span>}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="positioner" sideOffset={6} align="end">
          <Popover.Popup className="popup">
            <Popover.Title className="popup-title">Here besides you</Popover.Title>
            <ul className="viewers">
              {others.map((viewer) => (
                <li key={viewer.userId}>
                  <Avatar user={viewer.userId} isAway={viewer.state === 'hidden'} />
                  <span dir="auto">{viewer.userId}</span>
                  <small>{doing(viewer)}</small>
                </li>
              ))}
            </ul>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function doing({ state, tasks }: Viewer): string {
  if (state === 'hidden') return 'in another window';
  return tasks.length === 0 ? 'at the board' : `at ${tasks.map((id) => `#${id}`).join(', ')}`;
}
