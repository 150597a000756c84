import type { MetricAlarm, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { BatchStore } from '../../redrive/batch-store.ts';

/** The functions of a stage whose logs and numbers are looked at. */
export const watchedFunctions = ['tasks', 'connections', 'fanout', 'stream', 'push', 'websocket'] as const;

export type WatchedFunction = (typeof watchedFunctions)[number];

/** A span of time, epoch milliseconds. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** One metric, as it is asked for. */
export interface MetricQuestion {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Sum' | 'Average' | 'Maximum';
  readonly periodSeconds: number;
}

/** The values of a metric, and when each began; epoch milliseconds. Empty where there was none. */
export interface Series {
  readonly values: readonly number[];
  readonly times: readonly number[];
}

/** A saved query of the stage. */
export interface SavedQuery {
  readonly name: string;
  readonly text: string;
  readonly logGroups: readonly string[];
}

/** A price as AWS's price list has it, by the tiers' beginnings. US dollars for one unit. */
export interface ListedPrice {
  readonly usageType: string;
  readonly tiers: readonly { readonly from: number; readonly dollars: number; readonly unit: string }[];
}

/** A line of the bill of one day. */
export interface BilledUsage {
  readonly usageType: string;
  readonly quantity: number;
  readonly dollars: number;
}

/**
 * The services of an account, as the experiments ask them; each call is about the stage that it was opened for. It was tried
 * against an emulator and against fakes that speak the protocols, and never on AWS.
 */
export interface Aws {
  nameOf(name: WatchedFunction): Promise<string>;
  logGroupOf(name: WatchedFunction): Promise<string>;
  /** The values of metrics, in the order of the questions, the oldest value first. */
  metrics(questions: readonly MetricQuestion[], range: Range): Promise<readonly Series[]>;
  /**
   * Computes metrics, the query named `asked` among them.
   * @throws what CloudWatch says of an expression that it does not understand.
   */
  compute(queries: readonly MetricDataQuery[], asked: string, range: Range): Promise<Series>;
  /** The alarms of the stage. */
  alarms(): Promise<readonly MetricAlarm[]>;
  /** Name and dimensions of each metric of a namespace that was sent in the last three hours. */
  metricNames(
    namespace: string,
  ): Promise<readonly { readonly name: string; readonly dimensions: Readonly<Record<string, string>> }[]>;
  /** Lines of the log of a function that a pattern of CloudWatch Logs fits, some hundreds at the most. */
  logLines(name: WatchedFunction, pattern: string, from: number): Promise<readonly string[]>;
  savedQueries(): Promise<readonly SavedQuery[]>;
  /** Runs a query over the last hour; gives its status, `Complete` where it has run. */
  runQuery(query: SavedQuery, range: Range): Promise<string>;
  /** The address of the stream function itself. */
  streamUrl(): Promise<string>;
  /** Sets variables of a function; gives what puts them back. Both resolve when the function is ready. */
  changeEnvironment(
    name: WatchedFunction,
    variables: Readonly<Record<string, string>>,
  ): Promise<() => Promise<void>>;
  /** Lets no invocation of the fan-out begin, and its mapping give up after a minute; gives what puts it back. */
  stopFanOut(): Promise<() => Promise<void>>;
  /** The batches that the fan-out has given up. */
  readonly batches: BatchStore;
  /** The list prices of a service whose usage type ends so, in us-east-1 or everywhere. */
  listedPrices(service: string, usageType: string): Promise<readonly ListedPrice[]>;
  /** What the account was billed for a day, by usage type. */
  billOf(day: string): Promise<readonly BilledUsage[]>;
}
