import { useEffect, useMemo } from 'react';
import type { ReactNode } from 'react';
import type { TokenProvider } from '../../client/index.ts';
import { createPresence } from '../../client/presence/index.ts';
import { useConnection, useConnectionStatus, useOpened } from '../../client/react/index.ts';
import { createTaskStore } from '../../client/store/index.ts';
import { Board } from '../board/board.tsx';
import { FrameLog } from '../frames/frame-log.ts';
import { useToasts } from '../toasts/use-toasts.ts';
import { TaskDialog } from '../task/task-dialog.tsx';
import { TaskActions } from '../task/task-actions.ts';
import { BoardContext } from './board-context.ts';
import type { Identity } from './identity.ts';
import { TopBar } from './top-bar.tsx';

export interface SessionProps {
  readonly identity: Identity;
  readonly token: TokenProvider;
  /** Who the user is, in the top bar. */
  readonly account: ReactNode;
  /** Leads the user to the sign-in again, where the page has one: always the same function. */
  readonly onSignIn?: () => void;
}

/** All that the page does as one user. */
export function Session({ identity, token, account, onSignIn }: SessionProps) {
  const toasts = useToasts();
  const connection = useConnection(token, { presence: true });
  const status = useConnectionStatus(connection);
  const store = useOpened(connection && (() => createTaskStore(connection)), [connection]);
  const presence = useOpened(connection && (() => createPresence(connection)), [connection]);
  const frames = useOpened(connection && (() => new FrameLog(connection)), [connection]);
  const actions = useOpened(
    store && connection && (() => new TaskActions({ store, connection, toasts, user: identity.user })),
    [store],
  );
  const session = useMemo(
    () => ({ identity, connection, store, presence, actions, frames, status, onSignIn }),
    [identity, connection, store, presence, actions, frames, status, onSignIn],
  );
  useEffect(() => {
    document.title = `${identity.name ?? identity.user} · Taskwire`;
    return () => {
      document.title = 'Taskwire';
    };
  }, [identity]);
  return (
    <BoardContext value={session}>
      <TopBar account={account} />
      <Board />
      <TaskDialog />
    </BoardContext>
  );
}
