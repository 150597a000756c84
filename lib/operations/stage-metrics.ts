import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { metricDefinitions, MetricName } from '../../lambdas/shared/signals/metrics.ts';
import { metricNamespace } from '../../lambdas/shared/signals/metrics.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import type { FanOut } from '../functions/fan-out.ts';

/** Containers that host the streams, and what is before them. */
export interface WatchedTasks {
  readonly service: FargateService;
  readonly targets: ApplicationTargetGroup;
  readonly balancer: ApplicationLoadBalancer;
}

/** What the metrics of a stage are of. */
export interface Watched {
  readonly config: StageConfig;
  readonly api: HttpApi;
  readonly fanOut: FanOut;
  /** Undefined where streams are not invocations of a function. */
  readonly stream: Function | undefined;
  /** Undefined where streams are not in containers. */
  readonly tasks: WatchedTasks | undefined;
  /** The log of what hosts the streams. */
  readonly streamLogs: ILogGroup;
  readonly sockets: Function;
  readonly push: Function;
  /** Each undefined where the stage has none. */
  readonly canary: Function | undefined;
  readonly gauge: Function | undefined;
  readonly socketApiId: string;
  /** Those behind the HTTP API. */
  readonly apiFunctions: readonly Function[];
  readonly tables: {
    readonly tasksTable: TableV2;
    readonly eventsTable: TableV2;
    readonly connectionsTable: TableV2;
  };
}

/** All functions that serve clients, but for that of the streams. */
export function otherFunctions({ apiFunctions, fanOut, sockets, push }: Watched): readonly Function[] {
  return [...apiFunctions, fanOut.function, sockets, push];
}

/** All functions that serve clients. */
export function allFunctions(watched: Watched): readonly Function[] {
  return [...otherFunctions(watched), ...(watched.stream === undefined ? [] : [watched.stream])];
}

/** One metric, each value of which covers so many minutes. */
export type Over = (minutes: number) => Metric | MathExpression;

/** How a metric is read: each value is this statistic of so many minutes. */
export const over = (minutes: number, statistic: string): { statistic: string; period: Duration } => ({
  statistic,
  period: Duration.minutes(minutes),
});
/** As {@link over}, of all that was counted. */
export const sum = (minutes: number): ReturnType<typeof over> => over(minutes, Stats.SUM);

/** What is computed of some metrics, by the names that the expression has for them. */
export function computed(
  minutes: number,
  label: string,
  expression: string,
  usingMetrics: Readonly<Record<string, IMetric>>,
): MathExpression {
  return new MathExpression({ expression, usingMetrics, label, period: Duration.minutes(minutes) });
}

/** A metric of our own. */
export function ownMetric(
  { name: stage }: Pick<StageConfig, 'name'>,
  name: MetricName,
  service: (typeof metricDefinitions)[MetricName]['services'][number],
  { more = {}, ...options }: MetricOptions & { more?: Readonly<Record<string, string>> },
): Metric {
  return new Metric({
    namespace: metricNamespace(stage),
    metricName: name,
    dimensionsMap: { service, ...more },
    ...options,
  });
}

/** What the functions soften for clients, counted in their logs. */
export function troubleMetric(
  { name }: Pick<StageConfig, 'name'>,
  metricName: string,
  minutes: number,
): Metric {
  return new Metric({ namespace: metricNamespace(name), metricName, ...sum(minutes) });
}

/** The sum of some metrics. */
export function sumOf(metrics: readonly IMetric[], label: string, minutes: number): MathExpression {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return computed(minutes, label, 'SUM(METRICS())', usingMetrics);
}

/**
 * Whether tasks are written while the fan-out does not run, 1 or 0. The age of what waits is told by the function alone: where
 * nobody invokes it, it tells nothing.
 */
export const stoppedFanOut =
  ({ fanOut, tables }: Watched): Over =>
  (minutes) =>
    computed(
      minutes,
      'writes without the fan-out',
      'IF(FILL(written, 0) > 0 AND FILL(invoked, 0) == 0, 1, 0)',
      {
        written: tables.tasksTable.metricConsumedWriteCapacityUnits(sum(minutes)),
        invoked: fanOut.function.metricInvocations(sum(minutes)),
      },
    );

/**
 * Whether the canary did not run to its good end, 1 or 0. By what Lambda counts: it needs no metric of our own, and a canary
 * that is not invoked counts too.
 */
export const failedCanary =
  (canary: Function): Over =>
  (minutes) =>
    computed(minutes, 'without a good run', 'IF(FILL(runs, 0) > FILL(failed, 0), 0, 1)', {
      runs: canary.metricInvocations(sum(minutes)),
      failed: canary.metricErrors(sum(minutes)),
    });

/** Batches that were given up. Source: "Event source mapping metrics", Lambda developer guide. */
export const failedBatches =
  ({ fanOut }: Watched): Over =>
  (minutes) =>
    new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'OnFailureDestinationDeliveredEventCount',
      dimensionsMap: { EventSourceMappingUUID: fanOut.mapping.eventSourceMappingId },
      ...sum(minutes),
    });

/** Orders that were never carried out. Source: "Types of metrics for Lambda functions", Lambda developer guide. */
export const lostPushes =
  ({ push }: Watched): Over =>
  (minutes) =>
    push.metric('AsyncEventsDropped', sum(minutes));

/**
 * How much of what may run at a time is running, percent: of the streams where they are bounded, else of what the account may
 * run, of which reserved concurrency is taken whether it runs or not.
 * Source: "Monitoring concurrency", Lambda developer guide.
 */
export const concurrencyUsed =
  ({ config, stream }: Watched): Over =>
  (minutes) =>
    computed(
      minutes,
      'percent of what may run',
      `100 * running / ${(stream && config.streamConcurrency) ?? config.accountConcurrency}`,
      {
        running:
          config.streamConcurrency === undefined || stream === undefined
            ? new Metric({
                namespace: 'AWS/Lambda',
                metricName: 'ClaimedAccountConcurrency',
                ...over(minutes, Stats.MAXIMUM),
              })
            : stream.metric('ConcurrentExecutions', over(minutes, Stats.MAXIMUM)),
      },
    );

/** How many of those that came back had to load everything again, percent; 0 for a handful. */
export const incompleteResumes =
  ({ config }: Watched): Over =>
  (minutes) =>
    computed(
      minutes,
      'percent of resumes',
      'IF(FILL(whole, 0) + FILL(partly, 0) > 20, 100 * FILL(partly, 0) / (FILL(whole, 0) + FILL(partly, 0)), 0)',
      {
        whole: ownMetric(config, 'ResumesComplete', 'stream', sum(minutes)),
        partly: ownMetric(config, 'ResumesIncomplete', 'stream', sum(minutes)),
      },
    );

/** How many of the streams that lasted their whole time were followed by none, percent; 0 for a handful. */
export const unheardStreams =
  ({ config }: Watched): Over =>
  (minutes) =>
    computed(
      minutes,
      'percent of streams',
      'IF(FILL(lasted, 0) > 20 AND FILL(followed, 0) < lasted, 100 * (1 - FILL(followed, 0) / lasted), 0)',
      {
        lasted: ownMetric(config, 'Ended', 'stream', { more: { reason: 'session_length' }, ...sum(minutes) }),
        followed: ownMetric(config, 'Followed', 'stream', sum(minutes)),
      },
    );
