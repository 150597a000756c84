import type { ControlFrame, ResumeReason } from '../../protocol/frames.ts';

/**
 * `connecting`: there was no stream yet. `live`: what happens is told. `recovering`: it is not, and is made up for as soon
 * as the server can be reached again. `offline`: nothing is tried, for the network is gone, or nobody looks. `denied`:
 * the server wants no more of it; only `reconnect` begins anew.
 */
export type ConnectionState = 'connecting' | 'live' | 'recovering' | 'offline' | 'denied';

/** How a connection is. */
export interface ConnectionStatus {
  readonly state: ConnectionState;
  /**
   * Why, for programs: an end reason or error code of docs/PROTOCOL.md, or one of `unreachable`, `silent`, `network_gone`,
   * `paused` and `closed`. There is none while nothing is wrong.
   */
  readonly reason?: string | undefined;
  /** Why, for people, in English. */
  readonly message?: string | undefined;
}

/** A frame of a stream: its name, or `message` where it has none. */
export interface StreamFrame {
  readonly name: 'message' | ControlFrame;
  /** The cursor; empty where the frame has none. */
  readonly id: string;
  /** JSON text. */
  readonly data: string;
}

/** Why whoever keeps a state has to load it: the stream has begun, or cannot go on from where it was. */
export type ReloadReason = 'started' | ResumeReason;

/** What comes from a source: each frame of the workspace once and in order. */
export interface SourceListener {
  readonly onStatus: (status: ConnectionStatus) => void;
  readonly onFrame: (frame: StreamFrame) => void;
  /**
   * The events from here on follow no state that was loaded before.
   * @param cursor where that is, if not where the last frame said.
   */
  readonly onReload: (reason: ReloadReason, cursor?: string) => void;
}

/** Where the frames come from: a session of this page, or one that it shares with others. */
export interface Source {
  /** Begins, or goes on after the last frame; leaves `denied` too. */
  open(): void;
  /** Leaves the stream until it is opened again, and tells the server. */
  pause(status: ConnectionStatus): void;
}
