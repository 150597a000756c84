import type { Connection, ConnectionKey, ConnectionState } from '../../../core/connections/connection.ts';
import type { AskedEnd } from '../../../core/connections/end-feed.ts';
import type { TransportName } from '../../../core/observer.ts';
import { isEndReason } from '../../../protocol/end-reasons.ts';
import type { Questions } from '../../../core/connections/questions.ts';
import type { Item, ItemKey } from './items.ts';

/** What the table keeps of a connection besides: what an admin needs to end it for good, and its lease. */
export interface ConnectionFacts {
  /** Fingerprint of the token that opened it; grants nothing. */
  readonly token: string;
  /** When that token expires, epoch milliseconds. */
  readonly tokenExpiresAt: number;
  /** The lease that the client asked for, seconds; undefined for a stream that needs none. */
  readonly leaseSeconds?: number | undefined;
  /** What API Gateway calls it, where it is a WebSocket. */
  readonly socket?: string | undefined;
}

/** A connection with all that the table knows of it. */
export type StoredConnection = Connection & ConnectionFacts & ConnectionState;

/** What the table knows of a user when a stream opens. */
export interface UserRange {
  /** Those that were not forgotten yet, the ones that were asked to end too. */
  readonly connections: readonly StoredConnection[];
  readonly questions: Questions | undefined;
}

/** The key of an item of the connections table. */
export interface Key extends ItemKey {
  readonly workspace: string;
  readonly connection: string;
}

/** Encoding the user keeps `#` for the separator, so that one user's range never holds another's connections. */
export function prefixOf(user: string): string {
  return `${encodeURIComponent(user)}#`;
}

/** The key of a connection's item. */
export function keyOf({ workspace, user, id }: ConnectionKey): Key {
  return { workspace, connection: `${prefixOf(user)}${id}` };
}

/** Whether an item is of a stream that counts; items without a deadline are something else. */
export function isOpen({ deadline, ended }: Item, now: number): boolean {
  return typeof deadline === 'number' && deadline > now && ended === undefined;
}

/** Whether an item is of a WebSocket that nobody has closed yet, whether it was asked to end or not. */
function isOpenSocket({ deadline, socket }: Item, now: number): boolean {
  return typeof deadline === 'number' && deadline > now && typeof socket === 'string';
}

/**
 * What carries the connection of an item that is open at a time (epoch ms), as stats and the gauge count it; undefined where
 * none is. A WebSocket that was asked to end is open as long as its item is there: it goes when it is closed.
 */
export function openTransport(item: Item, now: number): TransportName | undefined {
  if (isOpenSocket(item, now)) return 'socket';
  return isOpen(item, now) ? 'stream' : undefined;
}

/** The connection of an item. */
export function readConnection(item: Item): StoredConnection {
  const { workspace, user, id, connectedAt, deadline, born, after, endedAt, ...facts } =
    item as unknown as StoredConnection;
  const connection: Connection = { workspace, user, id, connectedAt, deadline, born, after, endedAt };
  const { token, tokenExpiresAt, leaseSeconds, socket } = facts;
  return { ...connection, token, tokenExpiresAt, leaseSeconds, socket, ...readState(item) };
}

/** How often a user's streams were asked, as its item says; undefined where there is none. */
export function readQuestions(item: Item | undefined): Questions | undefined {
  const { since, windowMs, asked } = (item ?? {}) as unknown as Partial<Questions>;
  if (typeof since !== 'number' || typeof windowMs !== 'number' || typeof asked !== 'number')
    return undefined;
  return { since, windowMs, asked };
}

/**
 * What others have written into an item. A reason that this version does not know, of a newer one for example, ends the
 * stream all the same.
 */
export function readState({ ended, leaseUntil }: Item): ConnectionState {
  return {
    ended: ended === undefined || isEndReason(ended) ? ended : 'disconnected',
    leaseUntil: typeof leaseUntil === 'number' ? leaseUntil : undefined,
  };
}

/** That a connection was asked to end, as its item says; undefined where it was not. */
export function readAskedEnd(item: Item): AskedEnd | undefined {
  const { ended: reason } = readState(item);
  // Whoever writes one of the two writes both.
  return reason && { reason, at: item['endedAt'] as number };
}
