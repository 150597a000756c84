import type { ReactNode } from 'react';
import { ConnectionState } from '../connection/connection-state.tsx';
import { WhoIsHere } from '../presence/who-is-here.tsx';

/** Over the board: the connection, and who the user is. */
export function TopBar({ account }: { readonly account: ReactNode }) {
  return (
    <header className="top-bar">
      <h1>
        <img src="/icon.svg" alt="" width="24" height="24" />
        Taskwire
      </h1>
      <ConnectionState />
      <WhoIsHere />
      {account}
    </header>
  );
}
