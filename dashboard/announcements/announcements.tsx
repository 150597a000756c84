import { useEffect, useState } from 'react';
import { useBoard } from '../app/board-context.ts';
import { ChangeAnnouncer } from './change-announcer.ts';

/** What others change, told politely to screen readers. */
export function Announcements() {
  const { connection, store, identity } = useBoard();
  const [text, setText] = useState('');
  const { user } = identity;
  useEffect(() => {
    if (connection === undefined || store === undefined) return undefined;
    const announcer = new ChangeAnnouncer({ connection, store, user, say: setText });
    return () => announcer.close();
  }, [connection, store, user]);
  return (
    <p id="announcements" className="visually-hidden" role="status" dir="auto">
      {text}
    </p>
  );
}
