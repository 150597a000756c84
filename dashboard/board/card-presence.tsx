import { useTyping, useViewers } from '../../client/react/index.ts';
import { useBoard } from '../app/board-context.ts';
import { Avatar } from '../presence/avatar.tsx';

/** Who else looks at a task, and who types there. */
export function CardPresence({ taskId }: { readonly taskId: number }) {
  const { presence, identity } = useBoard();
  const viewers = useViewers(presence, taskId).filter(({ userId }) => userId !== identity.user);
  const typing = useTyping(presence, taskId);
  if (viewers.length === 0 && typing.length === 0) return undefined;
  const isTyping = typing.length > 0;
  return (
    <span className="card-presence">
      {viewers.slice(0, 3).map(({ userId }) => (
        <Avatar key={userId} user={userId} />
      ))}
      {isTyping ? (
        <span className="typing">
          {typing.join(', ')} {typing.length === 1 ? 'is' : 'are'} typing…
        </span>
      ) : (
        <span className="visually-hidden">
          {viewers.map(({ userId }) => userId).join(', ')} {viewers.length === 1 ? 'looks' : 'look'} at it
        </span>
      )}
    </span>
  );
}
