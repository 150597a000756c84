import type { EndReason } from '../protocol/end-reasons.ts';
import type { Resume } from '../protocol/frames.ts';

/** Hears of what an operator may want to count. */
export interface Observer {
  /** A stream was opened; `resume` is what its client was told of its cursor, undefined where it gave none. */
  opened(connectionId: string, resume: Resume | undefined): void;
  /** A stream has ended, after so many milliseconds; without a reason where nobody foresaw it. */
  ended(connectionId: string, reason: EndReason | undefined, afterMs: number): void;
  /** Something failed, of which clients hear little or nothing. */
  trouble(what: string, error: unknown): void;
}
