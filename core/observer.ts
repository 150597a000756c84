import type { EndReason } from '../protocol/end-reasons.ts';
import type { Resume } from '../protocol/frames.ts';

/** Hears of what an operator may want to count. */
export interface Observer {
  /** A stream was opened. */
  opened(connectionId: string): void;
  /** A client was told whether it could go on from where it was. */
  resumed(connectionId: string, resume: Resume): void;
  /** A stream has ended, after so many milliseconds; without a reason where nobody foresaw it. */
  ended(connectionId: string, reason: EndReason | undefined, afterMs: number): void;
  /** So many changes of a batch were appended to the log of a workspace; 0 where it held all of them. */
  appended(workspace: string, changes: number): void;
  /**
   * Something failed, of which clients hear little or nothing.
   * @param what what failed, for whoever reads the log.
   * @param details what else is to be known.
   */
  trouble(what: string, error: unknown, details?: Readonly<Record<string, unknown>>): void;
}
