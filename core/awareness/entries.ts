import type { Presence } from './presence.ts';
import type { SeenTask } from './seen-task.ts';

/** What others hear of a user has changed. */
export interface PresenceEntry {
  readonly kind: 'presence';
  readonly user: string;
  /** Of two about one user, the higher one counts. */
  readonly revision: number;
  /** What they heard before; undefined where the user was not there. */
  readonly before?: Presence | undefined;
  /** What they hear now; undefined where the user has gone. */
  readonly after?: Presence | undefined;
  /** When the first of the user's pages stops to count unless it says so again, epoch milliseconds; undefined for none. */
  readonly until?: number | undefined;
  /** Who may see the tasks of both when the entry is made. Those that are not in it are gone. */
  readonly tasks: readonly SeenTask[];
  /** Who could see the tasks of `before` when others were told of it; undefined where that was not noted. */
  readonly told?: readonly SeenTask[] | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A user types at a task, or has stopped. */
export interface TypingEntry {
  readonly kind: 'typing';
  readonly user: string;
  readonly task: SeenTask;
  /** When it ends by itself, epoch milliseconds; not after `at` where the user has stopped. */
  readonly until: number;
  readonly at: number;
}

/** Something about a user that others of the workspace hear, and that nobody keeps. */
export type AwarenessEntry = PresenceEntry | TypingEntry;
