import type { AwarenessEvent } from '../../protocol/awareness.ts';
import type { TaskEvent } from '../../protocol/events.ts';
import type { ConnectionStatus, ReloadReason, StreamFrame } from './source.ts';

/** What a connection tells, by name. */
export interface ConnectionEvents extends Readonly<{
  [Type in TaskEvent['type']]: Extract<TaskEvent, { readonly type: Type }>;
}> {
  /** Each event about a task, whatever its type: once, and in order. */
  readonly task: TaskEvent;
  /** Each event about other users, where `presence` was asked for. */
  readonly presence: AwarenessEvent;
  /** The connection's status has changed. */
  readonly status: ConnectionStatus;
  /** The events from here on follow no state that was loaded before: whoever keeps one loads it now. */
  readonly reload: { readonly reason: ReloadReason };
  /** Each frame as it arrived, those about the stream itself too. */
  readonly frame: StreamFrame;
}

/** A connection to the stream of one user, by whatever transport. */
export interface Connection {
  readonly status: ConnectionStatus;
  /** Where the stream goes on, as its last frame said; empty before there was one. */
  readonly cursor: string;
  /**
   * Calls `listener` for each event of that name.
   * @returns ends that.
   */
  on<Name extends keyof ConnectionEvents>(
    name: Name,
    listener: (event: ConnectionEvents[Name]) => void,
  ): () => void;
  /** Tries again at once, also after `denied`, and after `pause`. */
  reconnect(): void;
  /** Leaves the stream until `reconnect`, and tells the server. */
  pause(): void;
  /**
   * Sends a request to the HTTP API as the same user, and once more with another token where that was refused.
   * @param path with its query, such as `/tasks?limit=10`.
   * @param options `keepalive`: the request outlives the page and the connection, with the token that was used last; for what
   *   a page says as it goes away.
   * @returns the JSON of the answer.
   * @throws {RequestRefused} when it is an error; {ServerUnreachable} when there is none.
   */
  send(
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
    body?: object,
    options?: { readonly keepalive?: boolean },
  ): Promise<unknown>;
  /** Leaves the stream for good, and tells the server. Nothing is told any more. */
  close(): void;
}
