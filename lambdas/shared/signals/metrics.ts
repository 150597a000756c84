/** What CloudWatch shows of a metric. Source: MetricDatum in the CloudWatch API reference. */
export type Unit = 'Count' | 'Milliseconds' | 'Seconds';

/** A metric of our own. CloudWatch bills one for each combination of its dimensions, for each hour in which it is sent. */
export interface MetricDefinition {
  readonly unit: Unit;
  /** The functions that send it: each value of the dimension `service` is a metric of its own. */
  readonly services: readonly string[];
  /** A further dimension, and about how many of its values are seen in an hour. */
  readonly by?: { readonly dimension: string; readonly values: number };
  /** What one value of it is. */
  readonly text: string;
}

const everyService = ['tasks', 'connections', 'fanout', 'stream', 'push', 'websocket'] as const;
const tellers = ['stream', 'push'] as const;
const transports = ['stream', 'websocket'] as const;

/** All metrics of our own, by their names. Alarms, dashboards and docs/DEPLOY.md are made of it. */
export const metricDefinitions = {
  WriteToLog: {
    unit: 'Milliseconds',
    services: ['fanout'],
    text: 'from the write of a change to its place in the log',
  },
  WriteToFrame: {
    unit: 'Milliseconds',
    services: tellers,
    text: 'from the write of a change to the frame that tells one client of it, for clients that were there',
  },
  ChangesPerBatch: { unit: 'Count', services: ['fanout'], text: 'changes of one batch that were appended' },
  SubscribersPerPush: {
    unit: 'Count',
    services: ['push'],
    text: 'WebSockets to which one invocation pushed new changes',
  },
  Opened: { unit: 'Count', services: transports, text: 'streams or WebSockets that were opened' },
  OpenStreams: { unit: 'Count', services: ['gauge'], text: 'event streams that are open' },
  StreamsOfProcess: {
    unit: 'Count',
    services: ['stream'],
    text: 'event streams that are open in one process, where it has many: the average is that of all processes',
  },
  OpenSockets: { unit: 'Count', services: ['gauge'], text: 'WebSockets that are open' },
  Followed: {
    unit: 'Count',
    services: ['stream'],
    text: 'streams that were opened by the client of one that had ended',
  },
  Ended: {
    unit: 'Count',
    services: ['stream', 'websocket', 'push', 'connections'],
    by: { dimension: 'reason', values: 3 },
    text: 'streams or WebSockets that ended, by the reason of docs/PROTOCOL.md, or `failed`',
  },
  UnheardTime: {
    unit: 'Seconds',
    services: ['stream'],
    text: 'how long a stream ran after its client was last known to be there',
  },
  ResumesComplete: {
    unit: 'Count',
    services: transports,
    text: 'clients that were told that they miss nothing',
  },
  ResumesIncomplete: {
    unit: 'Count',
    services: transports,
    text: 'clients that had to load everything again',
  },
  CatchUpTime: {
    unit: 'Milliseconds',
    services: ['stream'],
    text: 'until a stream had told what was logged before it came',
  },
  CatchUpEvents: { unit: 'Count', services: ['stream'], text: 'events that one catch-up has told' },
  Events: {
    unit: 'Count',
    services: ['stream', 'push', 'websocket'],
    text: 'events that were handed over for clients',
  },
  Polls: { unit: 'Count', services: ['stream'], text: 'looks at the ends of logs' },
  ReadUnits: { unit: 'Count', services: everyService, text: 'read units of an invocation, or of a minute' },
  WriteUnits: { unit: 'Count', services: everyService, text: 'write units of an invocation, or of a minute' },
  RefusedTokens: {
    unit: 'Count',
    services: ['tasks', 'connections', 'stream', 'websocket'],
    by: { dimension: 'cause', values: 1 },
    text: 'requests whose token or ticket was refused, by the code of docs/PROTOCOL.md',
  },
  CanaryWriteToAnswer: {
    unit: 'Milliseconds',
    services: ['canary'],
    text: 'from the request of the canary that writes a task to its answer',
  },
  CanaryWriteToFrame: {
    unit: 'Milliseconds',
    services: ['canary'],
    text: 'from the same to the frame that tells the canary of the task',
  },
  CanaryHeldChunk: {
    unit: 'Milliseconds',
    services: ['canary'],
    text: 'how long a frame after which nothing comes was on its way to the canary',
  },
  CanaryFailed: {
    unit: 'Count',
    services: ['canary'],
    by: { dimension: 'fault', values: 1 },
    text: 'what failed for the canary, by the step: a run that could not clean up either counts twice',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metricDefinitions;

/** The namespace of the metrics of a stage. */
export function metricNamespace(stage: string): string {
  return `Taskwire/${stage}`;
}

/**
 * How many metrics CloudWatch bills where all of them are sent.
 * @param service counts those of this function alone.
 */
export function billedMetrics(service?: string): number {
  const definitions: readonly MetricDefinition[] = Object.values(metricDefinitions);
  return definitions
    .flatMap(({ services, by }) => services.map((each) => ({ each, values: by?.values ?? 1 })))
    .filter(({ each }) => service === undefined || each === service)
    .reduce((sum, { values }) => sum + values, 0);
}
