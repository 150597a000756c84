import { Session } from '../../client/connection/session.ts';
import type { ConnectionStatus, StreamFrame } from '../../client/connection/source.ts';
import type { Transport, TransportEnd, TransportListener } from '../../client/connection/transport.ts';
import type { TokenProvider } from '../../client/http/tokens.ts';
import { Tokens } from '../../client/http/tokens.ts';

/** A transport that does what a test says. */
export class ScriptedTransport implements Transport {
  readonly isByToken: boolean;
  readonly isClosedForServer = false;
  readonly token: string;
  readonly cursor: string;
  isClosed = false;
  /** What it says when it is asked whether it is dead. */
  dead = false;
  readonly #listener: TransportListener;

  constructor(token: string, cursor: string, isByToken: boolean, listener: TransportListener) {
    this.token = token;
    this.cursor = cursor;
    this.isByToken = isByToken;
    this.#listener = listener;
  }

  isDead(): boolean {
    return this.dead;
  }

  pinged(): void {}

  close(): void {
    this.isClosed = true;
  }

  frame(name: StreamFrame['name'], id: string, data: object): void {
    if (this.isClosed) return;
    this.#listener.onFrame({ name, id, data: JSON.stringify(data) });
  }

  establish(id = 'c0'): void {
    this.frame('message', id, {
      type: 'connection.established',
      connectionId: `at ${id}`,
      timestamp: '2026-01-01T00:00:00.000Z',
    });
  }

  /** An event about a task, at a place. */
  event(id: string): void {
    this.frame('message', id, { type: 'task.deleted', taskId: 1 });
  }

  interrupt(): void {
    if (!this.isClosed) this.#listener.onInterrupted();
  }

  end(end: TransportEnd = {}): void {
    if (!this.isClosed) this.#listener.onEnd(end);
  }
}

/** A transport that has ended, where there never was another. */
export function closedTransport(): ScriptedTransport {
  const nothing = (): undefined => undefined;
  const closed = new ScriptedTransport('', '', true, {
    onFrame: nothing,
    onInterrupted: nothing,
    onEnd: nothing,
  });
  closed.close();
  return closed;
}

/** A session over scripted transports, and what it tells. */
export function scriptedSession(
  token: TokenProvider = 'token',
  {
    cursor = '',
    isByToken = true,
    onTold = () => undefined,
  }: { readonly cursor?: string; readonly isByToken?: boolean; readonly onTold?: () => void } = {},
) {
  const transports: ScriptedTransport[] = [];
  const statuses: ConnectionStatus[] = [];
  const told: string[] = [];
  const reloads: string[] = [];
  const left: Array<readonly [connectionId: string, token: string]> = [];
  const session = new Session({
    openTransport: async (request, listener) => {
      await Promise.resolve();
      const transport = new ScriptedTransport(request.token, request.cursor, isByToken, listener);
      transports.push(transport);
      return transport;
    },
    tokens: new Tokens(token),
    cursor,
    leave: (...goodbye) => left.push(goodbye),
    listener: {
      onStatus: (status) => {
        statuses.push(status);
        onTold();
      },
      onFrame: ({ name, id, data }) => {
        if (name === 'message' && data.includes('"task.')) told.push(id);
        onTold();
      },
      onReload: (reason) => {
        reloads.push(reason);
        onTold();
      },
    },
  });
  return {
    session,
    transports,
    statuses,
    told,
    reloads,
    left,
    get last(): ScriptedTransport {
      return transports.at(-1)!;
    },
    get status(): ConnectionStatus {
      return statuses.at(-1)!;
    },
  };
}
