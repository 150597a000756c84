import type { Subscription } from '../subscription/subscription.ts';
import type { StreamTimes } from './end-watch.ts';

/** What the client asked for and what the server knows of it when the stream opens. */
export interface SessionRequest extends Subscription, StreamTimes {
  readonly connectionId: string;
  /** The cursor that the client gave, as it gave it; undefined to start now, or since a time. */
  readonly cursor: string | undefined;
  /** Without a cursor: from when on it wants the past, epoch milliseconds. */
  readonly since?: number | undefined;
  /** Whether task events carry their type as their name too. */
  readonly named: boolean;
  /** Whether it is told of other users too. */
  readonly presence?: boolean | undefined;
  /** Whether its client says that it comes after a stream that has ended. */
  readonly follows?: boolean | undefined;
  /** When its client first came, epoch milliseconds: with this stream, or with one before. */
  readonly born?: number | undefined;
}

/** What a deployment sets. */
export interface SessionSettings {
  /** Time between two pings, milliseconds. */
  readonly heartbeatMs: number;
  /** Bounds of the jittered `retry:`, milliseconds. */
  readonly retryMs: readonly [number, number];
  /** How long a write may wait for a client that does not read, milliseconds. */
  readonly slowReaderMs: number;
}
