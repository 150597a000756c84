import { useEffect, useMemo, useRef } from 'react';
import type { ConnectOptions } from '../connect.ts';
import { connect } from '../connect.ts';
import type { Connection } from '../connection/connection.ts';
import type { ConnectionStatus } from '../connection/source.ts';
import type { TokenProvider } from '../http/tokens.ts';
import { useNow, useOpened } from './use-opened.ts';

export interface UseConnectionOptions extends Omit<ConnectOptions, 'token'> {
  /** Whose tokens a function gives: another user closes the connection, and opens another. */
  readonly user?: string | undefined;
}

/** A token, or a function that gives one; a connection is only opened where there is one. */
export type TokenOrNone = TokenProvider | null | undefined;

const connecting: ConnectionStatus = { state: 'connecting' };

/**
 * A connection that is open while the component is mounted. Another text as token, another `user` and other options close it
 * and open another; another function as token does not, and is asked from then on.
 * @returns undefined on a server, until the component has mounted, and without a token.
 */
export function useConnection(
  token: TokenOrNone,
  options: UseConnectionOptions = {},
): Connection | undefined {
  return useConnected(token, options, (connection) => connection);
}

/** As `useConnection`, with what is made of the connection before it tells anything. */
export function useConnected<Value extends { readonly close: () => void }>(
  token: TokenOrNone,
  options: UseConnectionOptions,
  make: (connection: Connection) => Value,
  ...key: readonly unknown[]
): Value | undefined {
  const latest = useRef(token);
  useEffect(() => {
    latest.current = token;
  });
  const { user, ...connectOptions } = options;
  const isFunction = typeof token === 'function';
  // The function that the component was rendered with last.
  const provider: TokenOrNone = isFunction ? (request) => (latest.current as typeof token)(request) : token;
  const open = provider ? (): Value => make(connect({ ...connectOptions, token: provider })) : undefined;
  return useOpened(open, [JSON.stringify([isFunction ? { user } : token, connectOptions]), ...key]);
}

/** How a connection is: `connecting` until there is one. */
export function useConnectionStatus(connection: Connection | undefined): ConnectionStatus {
  const subscribe = useMemo(
    () => connection && ((listener: () => void) => connection.on('status', listener)),
    [connection],
  );
  return useNow(subscribe, () => connection?.status ?? connecting, connecting);
}
