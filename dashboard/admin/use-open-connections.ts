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

type Outcome = Pick<OpenConnections, 'list' | 'problem'>;

/** The open connections of the workspace, as an admin sees and ends them. */
export function useOpenConnections(connection: Connection | undefined): OpenConnections {
  const [{ list, problem }, setOutcome] = useState<Outcome>({ list: undefined, problem: undefined });
  const [isBusy, setIsBusy] = useState(true);
  const take = useCallback((next: Outcome): void => {
    // A list that may be old is better than none.
    setOutcome((before) => ({ list: next.list ?? before.list, problem: next.problem }));
    setIsBusy(false);
  }, []);
  useEffect(() => {
    if (connection !== undefined) void load(connection).then(take);
  }, [connection, take]);
  const perform = async (ended?: string): Promise<void> => {
    if (connection === undefined) return;
    setIsBusy(true);
    take(await load(connection, ended));
  };
  return { list, problem, isBusy, refresh: () => perform(), end: perform };
}

/** Ends a connection, where one is said, and loads the list, also where that has failed: it may have been gone before. */
async function load(connection: Connection, ended?: string): Promise<Outcome> {
  let problem: string | undefined;
  try {
    if (ended !== undefined) await connection.send('DELETE', `/sse/connections/${encodeURIComponent(ended)}`);
  } catch (error) {
    problem = (error as Error).message;
  }
  try {
    const { connections } = (await connection.send('GET', '/sse/stats')) as Stats;
    return { list: connections, problem };
  } catch (error) {
    return { list: undefined, problem: problem ?? (error as Error).message };
  }
}
