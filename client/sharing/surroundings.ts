import type { Clocks } from '../connection/liveness.ts';
import type { Source, SourceListener } from '../connection/source.ts';
import type { Message } from './messages.ts';

/** What a tab has of its browser. */
export interface Surroundings {
  /** A number from 0 up to 1 that no other tab has. */
  readonly id: number;
  readonly clocks: Clocks;
  /** Sends a message to all other tabs. */
  readonly post: (message: Message) => void;
  /** Waits for the lock, or takes it away from who has it; `granted` or `robbed` of the member follow. */
  readonly lock: (isStolen: boolean) => void;
  /** Gives the lock back, or waits for it no more. */
  readonly unlock: () => void;
}

export interface MemberOptions {
  /** Makes a session of this page that begins at a cursor; undefined: now. */
  readonly createSession: (cursor: string | undefined, listener: SourceListener) => Source;
  readonly listener: SourceListener;
  /** Where to begin, where nobody leads yet. */
  readonly cursor?: string | undefined;
  /** How many entries are kept for others; 256 unless it is said. */
  readonly kept?: number | undefined;
}
