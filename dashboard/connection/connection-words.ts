import type { ConnectionState, ConnectionStatus } from '../../client/index.ts';

/** How the connection is, in a word. */
export const connectionWords: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  recovering: 'Reconnecting',
  offline: 'Offline',
  denied: 'Ended',
};

/** What is wrong, for people; undefined where nothing is. */
export function troubleOf({ state, reason, message }: ConnectionStatus): string | undefined {
  // What failed last says less to people than that the browser knows of no network.
  if (state === 'offline' && reason !== 'paused' && reason !== 'closed') return 'There is no network.';
  return message ?? (state === 'recovering' ? 'The connection was lost.' : undefined);
}

/** What still works meanwhile, and what does not. */
const consequences: Readonly<Partial<Record<ConnectionState, string>>> = {
  recovering: 'What you see may be old. What you change is still sent.',
  offline: 'You can read, but not change anything, until you are back online.',
  denied: 'What you see is as of then, and cannot be changed here.',
};

/** What follows from how the connection is, for people; undefined where nothing does. */
export function consequenceOf({ state }: ConnectionStatus): string | undefined {
  return consequences[state];
}

/** What the user can do about the connection. */
export type ConnectionRemedy = 'try-now' | 'connect-again' | 'sign-in-again';

export const remedyLabels: Readonly<Record<ConnectionRemedy, string>> = {
  'try-now': 'Try now',
  'connect-again': 'Connect again',
  'sign-in-again': 'Sign in again',
};

/** What helps; undefined where nothing does that the user could do on this page. */
export function remedyOf(
  { state, reason = '' }: ConnectionStatus,
  canSignIn: boolean,
): ConnectionRemedy | undefined {
  if (state === 'recovering') return 'try-now';
  if (state !== 'denied') return undefined;
  const isTokenAtFault = reason.startsWith('token_') || reason === 'revoked';
  return isTokenAtFault && canSignIn ? 'sign-in-again' : 'connect-again';
}
