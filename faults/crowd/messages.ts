import type { Heard } from '../board/heard.ts';

/** Who is to be opened in the process of a crowd. */
export interface OpenPlan {
  readonly origin: string;
  /** A token for each member. */
  readonly tokens: readonly string[];
  /** The part of the crowd that each is of: those of one part may see the same. */
  readonly parts: readonly string[];
}

/** Some members, by their places in the crowd. */
export interface Members {
  readonly from: number;
  readonly to: number;
}

/** When changes were due, epoch milliseconds, by the name of their task. */
export type DueTimes = readonly (readonly [name: string, dueAt: number])[];

/** Quantiles of times, milliseconds. */
export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Members that have heard the same, in the same order. */
export interface Group {
  readonly members: readonly number[];
  /** Places in the list of all events. */
  readonly order: readonly number[];
  readonly finalStatus: number | undefined;
  /** How often they were told that something is missing. */
  readonly incomplete: number;
}

/** All that a crowd has heard. */
export interface CrowdReport {
  readonly events: readonly Extract<Heard, { kind: 'event' }>[];
  readonly groups: readonly Group[];
  /** Frames that came where they may not, in words. */
  readonly violations: readonly string[];
}
