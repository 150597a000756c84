import { createContext, useContext } from 'react';
import type { Connection, ConnectionStatus } from '../../client/index.ts';
import type { Presence } from '../../client/presence/index.ts';
import type { TaskStore } from '../../client/store/index.ts';
import type { FrameLog } from '../frames/frame-log.ts';
import type { TaskActions } from '../task/task-actions.ts';
import type { Identity } from './identity.ts';

/** What the parts of the board have of the user's session; some of it is not there yet in the first render. */
export interface BoardSession {
  readonly identity: Identity;
  readonly connection: Connection | undefined;
  readonly store: TaskStore | undefined;
  readonly presence: Presence | undefined;
  /** Undefined while there is no store. */
  readonly actions: TaskActions | undefined;
  /** What has come over the connection. */
  readonly frames: FrameLog | undefined;
  readonly status: ConnectionStatus;
  /** Leads the user to the sign-in again, where the page has one. */
  readonly onSignIn: (() => void) | undefined;
}

export const BoardContext = createContext<BoardSession | undefined>(undefined);

/** The session of the user whose board it is. @throws {TypeError} outside of one. */
export function useBoard(): BoardSession {
  const session = useContext(BoardContext);
  if (session === undefined) throw new TypeError('there is no session around this component');
  return session;
}

/** Why nothing can be written now, for people; undefined where it can. */
export function useWriteObstacle(): string | undefined {
  const { status, actions } = useBoard();
  if (status.state === 'offline') return 'There is no network.';
  if (status.state === 'denied') return `The connection has ended. ${status.message ?? ''}`.trim();
  return actions === undefined ? 'The board is not there yet.' : undefined;
}
