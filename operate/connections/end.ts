import type { ConnectionKey } from '../../core/connections/connection.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import type { ConnectionEnds } from '../../lambdas/shared/web-socket/connection-ends.ts';
import type { ListedConnection } from './connection-table.ts';

/** How clients take it: they come back by themselves, or are shut out with the token that they have. */
export type EndMode = 'comes back' | 'for good';

export interface EndPorts {
  readonly ends: Pick<ConnectionEnds, 'endFound'>;
  /** Refuses the token that has opened a connection from now on. */
  readonly revokeTokenOf: (connection: ConnectionKey) => Promise<void>;
  readonly now: () => number;
  /** Waits so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/** What became of a connection: asked to end; asked before, and it will; or gone. */
export type EndOutcome = 'asked' | 'asked before' | 'gone';

/** The reasons that the clients are told. */
const reasons: Readonly<Record<EndMode, EndReason>> = {
  'comes back': 'deploy',
  'for good': 'ended_by_admin',
};

/** As many clients as may come back in a second: half of what Lambda adds, as with a drain (decision 0020). */
const aSecond = 50;

/**
 * Ends connections, as the product does: a stream sees by its item that it must, a WebSocket is closed. A WebSocket that was
 * marked and not closed, because whoever did it was interrupted, is closed. It may be interrupted and run again.
 * @param onEnd told of each.
 * @throws what the tables throw; what comes after that is left as it is.
 */
export async function endConnections(
  connections: readonly ListedConnection[],
  mode: EndMode,
  ports: EndPorts,
  onEnd: (connection: ListedConnection, outcome: EndOutcome) => void,
): Promise<void> {
  for (const [index, connection] of connections.entries()) {
    if (index > 0 && index % aSecond === 0) await ports.sleep(1000);
    onEnd(connection, await endOne(connection, mode, ports));
  }
}

async function endOne(
  connection: ListedConnection,
  mode: EndMode,
  { ends, revokeTokenOf, now }: EndPorts,
): Promise<EndOutcome> {
  // First the token: the client may be back before its stream has ended.
  if (mode === 'for good') await revokeTokenOf(connection);
  if (await ends.endFound(connection, reasons[mode], now())) return 'asked';
  return connection.ended === undefined ? 'gone' : 'asked before';
}
