import type { ReactNode } from 'react';
import { AdminButton } from '../admin/admin-button.tsx';
import { ConnectionState } from '../connection/connection-state.tsx';
import { FramesButton } from '../frames/frames-button.tsx';
import { WhoIsHere } from '../presence/who-is-here.tsx';
import { useBoard } from './board-context.ts';

/** Over the board: the connection, and who the user is. */
export function TopBar({ account }: { readonly account: ReactNode }) {
  const { identity } = useBoard();
  return (
    <header className="top-bar">
      <h1>
        <img src="/icon.svg" alt="" width="24" height="24" />
        <span className="brand">Taskwire</span>
      </h1>
      <ConnectionState />
      <WhoIsHere />
      <FramesButton />
      {identity.admin && <AdminButton />}
      {account}
    </header>
  );
}
