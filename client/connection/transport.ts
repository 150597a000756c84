import type { TaskEventType } from '../../protocol/events.ts';
import type { TaskStatus } from '../../protocol/task.ts';
import type { Endpoints } from '../http/endpoints.ts';
import { queryOf } from '../shared/query.ts';
import type { StreamFrame } from './source.ts';

/** What a stream tells; all of it where nothing is said. docs/PROTOCOL.md, "Filters". */
export interface Subscription {
  readonly events?: readonly TaskEventType[] | undefined;
  readonly tasks?: readonly number[] | undefined;
  readonly status?: readonly TaskStatus[] | undefined;
  readonly assigned_to_agent?: boolean | undefined;
  /** Whether it tells who is there and who types too. */
  readonly presence?: boolean | undefined;
  /** A time from which on the past is told, ISO 8601 or epoch milliseconds; where there is no cursor. */
  readonly since?: string | number | undefined;
}

export interface TransportRequest {
  readonly endpoints: Endpoints;
  readonly token: string;
  readonly subscription: Subscription;
  /** Where to go on; empty to begin now. */
  readonly cursor: string;
  /** How long the answer may take, milliseconds, where that is not as long as it may at all. */
  readonly openingMs: number | undefined;
}

/** How a transport has ended. */
export interface TransportEnd {
  /** Why it was refused or could not be opened; undefined when it ended or broke later. */
  readonly error?: unknown;
  /** What the server asked to wait before the next, milliseconds. */
  readonly retryMs?: number | undefined;
}

export interface TransportListener {
  readonly onFrame: (frame: StreamFrame) => void;
  /** It broke, and comes back by itself. */
  readonly onInterrupted: () => void;
  /** Nothing comes any more; told once, and not after `close`. */
  readonly onEnd: (end: TransportEnd) => void;
}

/** One connection to a stream. */
export interface Transport {
  /** Whether the token itself opens the stream, and a ticket does not. */
  readonly isByToken: boolean;
  /** Whether the server notices by itself when it is closed. */
  readonly isClosedForServer: boolean;
  /**
   * Whether it is dead, as far as silence tells; called every few seconds.
   * @param isDoubted something else speaks for it, such as a machine that has slept.
   */
  isDead(isDoubted: boolean): boolean;
  /** The server has said what time it is (ISO 8601): first of a session, then with each ping. */
  pinged(timestamp: string, isFirst: boolean): void;
  close(): void;
}

/** Makes a transport, which opens at once. */
export type TransportClass = new (request: TransportRequest, listener: TransportListener) => Transport;

/**
 * Makes a transport to what a session is about, when its code has been loaded.
 * @throws when that cannot be loaded.
 */
export type OpenTransport = (
  request: Pick<TransportRequest, 'token' | 'cursor' | 'openingMs'>,
  listener: TransportListener,
) => Promise<Transport>;

/** A subscription and a cursor as the query of a stream, without the `?`. */
export function streamQuery({
  subscription,
  cursor,
}: Pick<TransportRequest, 'subscription' | 'cursor'>): string {
  return queryOf({ ...subscription, lastEventId: cursor || undefined }).toString();
}
