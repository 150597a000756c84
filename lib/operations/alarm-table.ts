import type { StageConfig } from '../config/stage-schema.ts';

/** An alarm, as its entry in docs/RUNBOOK.md explains it. */
export interface AlarmDefinition {
  /** What has happened, for whoever gets the mail. */
  readonly text: string;
  /** It goes off above it. */
  readonly threshold: number;
  /** How many values are looked at, and what each covers, minutes; with `canary` the time from one of its runs to the next. */
  readonly periods: number;
  readonly minutes: number | 'canary';
  /** How many of the values have to be above it; all, when it is left out. */
  readonly breaching?: number;
  /** How many metrics it reads, each of which is billed as an alarm; one, when it is left out. */
  readonly reads?: number;
  /** Whether it is computed of metrics that the functions send themselves: not there where a stage has switched them off. */
  readonly needsMetrics?: true;
  /** The hosts of streams with which it is there; any, when it is left out. */
  readonly hosts?: readonly StageConfig['streamHost'][];
  /** Whether no value is as bad as one above the threshold; good, when it is left out. */
  readonly missingIsBad?: true;
}

/** All alarms, by their names. */
export const alarmTable = {
  LateEvents: {
    text: 'Changes wait for more than a minute before they reach the log: the fan-out fails or is too slow.',
    threshold: 60_000,
    periods: 3,
    minutes: 1,
  },
  StoppedFanOut: {
    text: 'Tasks are written, and the fan-out does not run at all: nobody hears of any change.',
    threshold: 0,
    periods: 3,
    minutes: 5,
    reads: 2,
  },
  FailedBatches: {
    text: 'Changes were too old to be retried and lie in the bucket of failed batches: clients have not heard of them. npm run redrive makes up for them.',
    threshold: 0,
    periods: 1,
    minutes: 1,
  },
  SlowDelivery: {
    text: 'One event in a hundred takes more than 5 s from its write to its frame.',
    threshold: 5000,
    periods: 3,
    minutes: 5,
    needsMetrics: true,
  },
  FailedCanary: {
    text: 'Three times in a row the canary has not heard of its own task, or did not run: users may hear nothing either.',
    threshold: 0,
    periods: 3,
    minutes: 'canary',
    reads: 2,
    missingIsBad: true,
  },
  LostPushes: {
    text: 'New events are not pushed to WebSockets: the concurrency of the account, or what is kept for the function, is used up, or the function fails. Clients hear of them minutes later.',
    threshold: 5,
    periods: 3,
    minutes: 1,
  },
  RefusedStreams: {
    text: 'Streams are refused: streamConcurrency or the concurrency of the account is used up.',
    hosts: ['function'],
    threshold: 0,
    periods: 3,
    minutes: 1,
  },
  NearConcurrency: {
    text: 'Four fifths of the streams, or of the invocations of the account, that may run at a time are running.',
    threshold: 80,
    periods: 5,
    minutes: 1,
  },
  FailedStreams: {
    text: 'Streams end with errors of their function.',
    hosts: ['function'],
    threshold: 15,
    // An error counts for the time at which its invocation began, up to 15 minutes before: the last minutes say nothing yet.
    // Source: "Types of metrics for Lambda functions", Lambda developer guide.
    periods: 2,
    minutes: 15,
    breaching: 1,
  },
  MissingTasks: {
    text: 'Fewer containers take streams than leastTasks: some do not start, or do not say that they are well.',
    hosts: ['container'],
    threshold: 0,
    periods: 5,
    minutes: 1,
    // Of a service without any task the load balancer may tell nothing at all.
    missingIsBad: true,
  },
  FullTasks: {
    text: 'Containers have four fifths of the streams that they may have: there are as many as mostTasks, or new ones do not start.',
    hosts: ['container'],
    threshold: 80,
    periods: 5,
    minutes: 1,
    needsMetrics: true,
  },
  BusyTasks: {
    text: 'Containers have used more than 85 % of their processor or of their memory for a quarter of an hour.',
    hosts: ['container'],
    threshold: 85,
    periods: 3,
    minutes: 5,
    reads: 2,
  },
  FailedTasks: {
    text: 'The load balancer of the streams answers with server errors: containers fail, or none is there.',
    hosts: ['container'],
    threshold: 5,
    periods: 3,
    minutes: 1,
    reads: 2,
  },
  IncompleteResumes: {
    text: 'More than a fifth of the clients that come back have to load everything again.',
    threshold: 20,
    periods: 3,
    minutes: 5,
    reads: 2,
    needsMetrics: true,
  },
  UnheardStreams: {
    text: 'More than half of the streams that last their whole time are followed by no other: they run, and cost, for clients that have gone.',
    threshold: 50,
    periods: 4,
    minutes: 15,
    reads: 2,
    needsMetrics: true,
  },
  CostADay: {
    text: 'Streams, requests, messages and tables have cost more in a day than dollarsADay, by list prices.',
    threshold: 100,
    periods: 1,
    minutes: 24 * 60,
    reads: 9,
  },
  FailedSockets: {
    text: 'The function of the WebSocket fails.',
    threshold: 5,
    // What runs into its time limit counts for the minute before, as above.
    periods: 4,
    minutes: 1,
    breaching: 3,
  },
  FailedRequests: {
    text: 'The API answers with server errors.',
    threshold: 5,
    periods: 3,
    minutes: 1,
  },
  RefusedInvocations: {
    text: 'Functions of the API, the WebSocket, the fan-out or the pushes are refused: the concurrency of the account, or what is kept for them, is used up.',
    threshold: 0,
    periods: 3,
    minutes: 1,
    reads: 5,
  },
  PassingTrouble: {
    text: 'Functions meet trouble that will pass: throttled tables, an issuer without keys. Clients are told to come back.',
    threshold: 5,
    periods: 3,
    minutes: 1,
  },
  LastingTrouble: {
    text: 'A function meets what does not pass by itself: a missing right, a table that is gone, a mistake. Clients may only see that they must come back.',
    threshold: 0,
    periods: 1,
    minutes: 1,
  },
} as const satisfies Readonly<Record<string, AlarmDefinition>>;

export type AlarmName = keyof typeof alarmTable;

/** Where docs/RUNBOOK.md explains an alarm. */
export function runbookEntry(name: AlarmName): string {
  return `docs/RUNBOOK.md#${name.toLowerCase()}`;
}

/**
 * How many metrics alarms read, which CloudWatch bills: those of every stage, or those that come with the canary.
 * @param host what hosts the streams.
 */
export function alarmReads(
  of: 'every stage' | 'canary',
  host: StageConfig['streamHost'] = 'function',
): number {
  return Object.values<AlarmDefinition>(alarmTable)
    .filter(({ minutes }) => (minutes === 'canary') === (of === 'canary'))
    .filter(({ hosts }) => hosts?.includes(host) ?? true)
    .reduce((sum, { reads = 1 }) => sum + reads, 0);
}
