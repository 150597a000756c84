import { useCallback, useEffect, useState } from 'react';
import type { Connection } from '../../client/index.ts';

/** A stream or WebSocket that is open, as the server lists it. */
export interface OpenConnection {
  readonly id: string;
  readonly userId: string;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
}

interface Stats {
  readonly connections: readonly OpenConnection[];
}

export interface OpenConnections {
  /** Undefined until the list is there. */
  readonly list: readonly OpenConnection[] | undefined;
  /** What went wrong last, for people. */
  readonly problem: string | undefined;
  readonly isBusy: boolean;
  readonly refresh: () => Promise<void>;
  readonly end: (id: string) => Promise<void>;
}

/** The open connections of the workspace, as an admin sees and ends them. */
export function useOpenConnections(connection: Connection | undefined): OpenConnections {
  const [list, setList] = useState<readonly OpenConnection[]>();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setIsBusy] = useState(true);
  const load = useCallback(async (): Promise<void> => {
    if (connection === undefined) return;
    try {
      const { connections } = (await connection.send('GET', '/sse/stats')) as Stats;
      setList(connections);
      setProblem(undefined);
    } catch (error) {
      setProblem((error as Error).message);
    }
    setIsBusy(false);
  }, [connection]);
  // oxlint-disable-next-line react/set-state-in-effect -- it is set when the answer has come
  useEffect(() => void load(), [load]);
  /** Does something, if there is something to do, and loads the list. */
  const perform = async (first?: () => Promise<unknown> | undefined): Promise<void> => {
    setIsBusy(true);
    try {
      await first?.();
    } catch (error) {
      setProblem((error as Error).message);
      return setIsBusy(false);
    }
    await load();
  };
  return {
    list,
    problem,
    isBusy,
    refresh: () => perform(),
    end: (id) => perform(() => connection?.send('DELETE', `/sse/connections/${encodeURIComponent(id)}`)),
  };
}
