import type { Context } from './context.ts';

/** What an experiment cannot do without. */
export type Need =
  /** CloudWatch, Lambda and the other services of an account; a local stack has none of them. */
  | 'aws'
  /** A stage whose edge is on. */
  | 'edge'
  /** The address of the WebSocket. */
  | 'socket'
  /** That it may take hours: `--long`. */
  | 'time'
  /** That it may change settings of functions for some minutes: `--change-settings`. */
  | 'settings';

/** What an experiment says of what was assumed. */
export type Verdict = 'as assumed' | 'differs' | 'could not tell';

/** What an experiment has found. */
export interface Finding {
  readonly verdict: Verdict;
  /** What was seen, as a sentence without its full stop. Holds no token and no content of tasks. */
  readonly found: string;
  /** Numbers by their names; the names have the units. */
  readonly measured: Readonly<Record<string, number | string>>;
  /** What to change, where it is known better than {@link Experiment.change} has it. */
  readonly change?: string;
}

/**
 * One thing that only an account can tell, and how to find it out. docs/DEPLOY.md has a table and a list of them, which are
 * made of these texts.
 */
export interface Experiment {
  /** As `--only` takes it. */
  readonly name: string;
  readonly question: string;
  /** What of the product hangs on the answer: settings and constants, with their files. */
  readonly dependsOn: string;
  /** What is done, as a sentence. */
  readonly method: string;
  /** What is assumed: what the numbers are like, where it is so. */
  readonly assumed: string;
  /** What to change where it is not so. */
  readonly change: string;
  /** What one run costs at the most, US cents, by list prices. */
  readonly cents: number;
  /** How long it takes at the most, minutes. */
  readonly minutes: number;
  readonly needs: readonly Need[];
  /** Puts back whatever it has changed, also where it fails. */
  readonly run: (context: Context) => Promise<Finding>;
}
