/** A connection that ended without its client's doing. */
export interface SourceEnd {
  /** The reason of the `end` frame, if there was one. */
  readonly reason: string | undefined;
  /** When the `end` frame came. Epoch milliseconds, as the next. */
  readonly saidAt: number | undefined;
  readonly at: number;
  /** How long it lasted. */
  readonly milliseconds: number;
}

/** What brings a client its events, over whichever transport: it comes back by itself, from where it was. */
export interface Source {
  /** Whether the client is at work: connected, or about to reconnect. */
  readonly isAlive: boolean;
  /** Whether the client has left. */
  readonly isClosed: boolean;
  /** Whether a connection is open at the moment. */
  readonly isConnected: boolean;
  /** Whether it was told to stop reading. */
  readonly isFrozen: boolean;
  /** What the next connection resumes from. */
  readonly cursor: string | undefined;
  /** How long the connection that is open has been so, milliseconds; 0 while none is. */
  readonly openForMs: number;
  /** What the client waits before it reconnects, milliseconds. */
  readonly retryMs: number;
  /** How many connections were let in. */
  readonly connections: number;
  /** The status that was final; undefined while the client comes back. */
  readonly finalStatus: number | undefined;
  /** The connections that ended without the client's doing. */
  readonly ends: SourceEnd[];
  /** Frames that may not come where they came, in words. */
  readonly violations: string[];
  /** Frames that told something after an `end`, in words; of a stream they are among the violations. */
  readonly toldAfterEnd: string[];
  /** Breaks the connection off, whatever is on its way, and connects again at once. */
  cut(): void;
  /** Stops reading, without a word to the server: a laptop that was closed. */
  freeze(): void;
  /** Reads again. */
  thaw(): void;
  /** Breaks off, and stays away until it is cut. */
  leave(): void;
  /** Breaks off for good. */
  close(): void;
}
