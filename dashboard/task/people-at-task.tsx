import { useTyping, useViewers } from '../../client/react/index.ts';
import { useBoard } from '../app/board-context.ts';
import { Avatar } from '../presence/avatar.tsx';

/** How many have a picture; all are in the words. */
const most = 4;

/** Who else looks at a task, and who types there. */
export function PeopleAtTask({ id }: { readonly id: number }) {
  const { presence, identity } = useBoard();
  const isOther = (user: string): boolean => user !== identity.user;
  const viewers = useViewers(presence, id)
    .map(({ userId }) => userId)
    .filter(isOther);
  const typists = useTyping(presence, id).filter(isOther);
  const people = [...new Set([...typists, ...viewers])];
  return (
    <div className="at-task">
      <span className="avatars">
        {people.slice(0, most).map((user) => (
          <Avatar key={user} user={user} />
        ))}
      </span>
      <span className="words" role="status" dir="auto">
        {wordsOf(viewers, typists)}
      </span>
    </div>
  );
}

function wordsOf(viewers: readonly string[], typists: readonly string[]): string {
  const list = new Intl.ListFormat('en');
  if (typists.length > 0) return `${list.format(typists)} ${typists.length === 1 ? 'is' : 'are'} typing…`;
  if (viewers.length === 0) return '';
  return `${list.format(viewers)} ${viewers.length === 1 ? 'looks' : 'look'} at this too`;
}
