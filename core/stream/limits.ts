import type { Connection } from './connection.ts';

/** How many streams may be open at a time. */
export interface ConnectionLimits {
  readonly perUser: number;
  readonly perWorkspace: number;
}

/** What a new connection brings about: it stays, at the price of these; or it is refused because all places are taken. */
export type Admission = { readonly evicted: readonly Connection[] } | 'refused';

/**
 * A connection so near its end does not count: its client opens the next one before it, and that must not cost it another
 * stream. Milliseconds; a `handover` comes no earlier than this.
 */
export const ENDING_SOON_MS = 5000;

/** How long the streams of a workspace may be remembered, milliseconds. */
export const KNOWN_MS = 2000;

/**
 * Decides on a new connection. Over a limit it takes the place of the user's oldest, so that the tab which the user has
 * just opened is the one that lives; a user without another one is refused while the workspace is full.
 * Two connections that open at once decide alike: the older one goes, by time and then by id.
 * @param ofUser the user's connections, the new one among them.
 * @param inWorkspace how many connections the workspace has, the new one among them.
 * @param now epoch milliseconds.
 */
export function admit(
  ofUser: readonly Connection[],
  newest: Connection,
  inWorkspace: number,
  { perUser, perWorkspace }: ConnectionLimits,
  now: number,
): Admission {
  const counted = ofUser
    .filter(({ id, deadline }) => id === newest.id || deadline - now > ENDING_SOON_MS)
    .toSorted((a, b) => a.connectedAt - b.connectedAt || (a.id < b.id ? -1 : 1));
  const overWorkspace = inWorkspace > perWorkspace ? 1 : 0;
  if (overWorkspace > 0 && counted.length === 1) return 'refused';
  const tooMany = Math.max(counted.length - perUser, overWorkspace);
  return { evicted: counted.slice(0, Math.max(0, tooMany)) };
}
