import type { ConnectionState } from '../../client/index.ts';

/** How the connection is, in a word. */
export const connectionWords: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  recovering: 'Reconnecting',
  offline: 'Offline',
  denied: 'Ended',
};
