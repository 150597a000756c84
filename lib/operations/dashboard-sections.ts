import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { CustomMetric, CustomMetricGroup } from 'cdk-monitoring-constructs';
import type { MetricName } from '../../lambdas/shared/signals/metrics.ts';
import { metricDefinitions, metricNamespace } from '../../lambdas/shared/signals/metrics.ts';
import * as costs from './cost-metrics.ts';
import type { MakeAlarm } from './make-alarm.ts';
import type { Over, Watched } from './stage-metrics.ts';
import * as metrics from './stage-metrics.ts';
import { over } from './stage-metrics.ts';
import { taskGraphs } from './task-graphs.ts';

type Groups = readonly CustomMetricGroup[];

/** How long one value of a graph covers that has no alarm, minutes. */
const graphMinutes = 5;

const graphed = (statistic: string): ReturnType<typeof over> => over(graphMinutes, statistic);

/** A graph of metrics that the functions send themselves; none where the stage has switched them off. */
function own({ config }: Watched, title: string, shown: readonly CustomMetric[]): Groups {
  return config.metrics === 'off' ? [] : [{ title, metrics: [...shown] }];
}

/** How often each value of a metric's further dimension was seen, whatever values there are. */
function divided({ config }: Watched, name: 'Ended' | 'CanaryFailed'): CustomMetric {
  const dimensions = `${metricNamespace(config.name)},service,${metricDefinitions[name].by.dimension}`;
  const search = `SEARCH('{${dimensions}} MetricName="${name}"', 'Sum', ${60 * graphMinutes})`;
  return metrics.computed(graphMinutes, '', search, {});
}

/** The sections of the dashboard by their names, in order. Each alarm is in the graph of its metric. */
export function dashboardSections(watched: Watched, alarm: MakeAlarm): Readonly<Record<string, Groups>> {
  return {
    Delivery: [...delivery(watched, alarm), ...canary(watched, alarm)],
    Streams: [...streams(watched, alarm), ...clients(watched, alarm)],
    API: api(watched, alarm),
    Cost: cost(watched, alarm),
    Errors: errors(watched, alarm),
  };
}

function delivery(watched: Watched, alarm: MakeAlarm): Groups {
  const { config, fanOut } = watched;
  const latency = (
    name: MetricName,
    service: 'fanout' | 'stream' | 'push',
    percentile: number,
  ): CustomMetric =>
    metrics.ownMetric(config, name, service, {
      ...graphed(Stats.percentile(percentile)),
      label: `${name} of ${service}, p${percentile}`,
    });
  const age: Over = (minutes) => fanOut.function.metric('IteratorAge', over(minutes, Stats.MAXIMUM));
  const frame: Over = (minutes) =>
    metrics.ownMetric(config, 'WriteToFrame', 'stream', over(minutes, Stats.percentile(99)));
  return [
    ...own(watched, 'From the write to the frame, ms', [
      latency('WriteToLog', 'fanout', 50),
      latency('WriteToLog', 'fanout', 99),
      latency('WriteToFrame', 'stream', 50),
      latency('WriteToFrame', 'push', 99),
      ...alarm('SlowDelivery', frame),
    ]),
    { title: 'What waits for the fan-out, ms', metrics: [...alarm('LateEvents', age)] },
    {
      title: 'What nobody heard',
      metrics: [
        ...alarm('StoppedFanOut', metrics.stoppedFanOut(watched)),
        ...alarm('FailedBatches', metrics.failedBatches(watched)),
        ...alarm('LostPushes', metrics.lostPushes(watched)),
      ],
    },
  ];
}

function canary(watched: Watched, alarm: MakeAlarm): Groups {
  const { config, canary: watchedCanary } = watched;
  if (watchedCanary === undefined) return [];
  const shown = ['CanaryWriteToAnswer', 'CanaryWriteToFrame', 'CanaryHeldChunk'] as const;
  return [
    { title: 'The canary failed', metrics: [...alarm('FailedCanary', metrics.failedCanary(watchedCanary))] },
    ...own(watched, 'What failed for the canary, by the step', [divided(watched, 'CanaryFailed')]),
    ...own(
      watched,
      'What the canary met, ms',
      shown.map((name) => metrics.ownMetric(config, name, 'canary', graphed(Stats.MAXIMUM))),
    ),
  ];
}

function streams(watched: Watched, alarm: MakeAlarm): Groups {
  const { config, stream, tasks } = watched;
  const ofProcess = (statistic: string): CustomMetric =>
    metrics.ownMetric(config, 'StreamsOfProcess', 'stream', { ...graphed(statistic), label: statistic });
  return [
    ...(stream === undefined
      ? own(watched, 'Open streams of a process', [ofProcess(Stats.AVERAGE), ofProcess(Stats.MAXIMUM)])
      : [
          { title: 'Open streams', metrics: [stream.metric('ConcurrentExecutions', graphed(Stats.MAXIMUM))] },
        ]),
    ...openConnections(watched),
    {
      title: 'Of what may run, percent',
      metrics: [...alarm('NearConcurrency', metrics.concurrencyUsed(watched))],
    },
    ...(stream === undefined
      ? []
      : [
          {
            title: 'Streams refused and failed',
            metrics: [
              ...alarm('RefusedStreams', (minutes) => stream.metricThrottles(over(minutes, Stats.SUM))),
              ...alarm('FailedStreams', (minutes) => stream.metricErrors(over(minutes, Stats.SUM))),
            ],
          },
        ]),
    ...(tasks === undefined ? [] : taskGraphs(watched, tasks, alarm, graphMinutes)),
  ];
}

/** What the gauge has counted. */
function openConnections({ config, gauge }: Watched): Groups {
  if (gauge === undefined) return [];
  const shown = (['OpenStreams', 'OpenSockets'] as const).map((name) =>
    metrics.ownMetric(config, name, 'gauge', graphed(Stats.MAXIMUM)),
  );
  return [{ title: 'Open streams and WebSockets', metrics: shown }];
}

function clients(watched: Watched, alarm: MakeAlarm): Groups {
  const { config } = watched;
  const count = (name: MetricName, service: 'stream' | 'websocket'): CustomMetric =>
    metrics.ownMetric(config, name, service, { ...graphed(Stats.SUM), label: `${name} of ${service}` });
  return [
    ...own(watched, 'Opened, and come back', [
      count('Opened', 'stream'),
      count('Followed', 'stream'),
      count('Opened', 'websocket'),
    ]),
    ...own(watched, 'Ends, by reason', [divided(watched, 'Ended')]),
    ...own(
      watched,
      'Came back and had to load everything, percent',
      alarm('IncompleteResumes', metrics.incompleteResumes(watched)),
    ),
    ...own(
      watched,
      'Streams that nobody followed, percent',
      alarm('UnheardStreams', metrics.unheardStreams(watched)),
    ),
    ...own(watched, 'Catching up, p99, ms', [
      metrics.ownMetric(config, 'CatchUpTime', 'stream', graphed(Stats.percentile(99))),
    ]),
  ];
}

function api({ api: http }: Watched, alarm: MakeAlarm): Groups {
  return [
    {
      title: 'Requests',
      metrics: [http.metricCount(graphed(Stats.SUM)), http.metricClientError(graphed(Stats.SUM))],
    },
    { title: 'Time to answer, p99, ms', metrics: [http.metricLatency(graphed(Stats.percentile(99)))] },
    {
      title: 'Server errors',
      metrics: [...alarm('FailedRequests', (minutes) => http.metricServerError(over(minutes, Stats.SUM)))],
    },
  ];
}

function cost(watched: Watched, alarm: MakeAlarm): Groups {
  const tables = Object.entries(watched.tables);
  return [
    {
      title: 'Of what a day may cost, percent',
      metrics: [...alarm('CostADay', costs.costADay(watched))],
    },
    ...own(watched, 'What a thousand events cost in an hour, dollars', [costs.costOfEvents(watched)(60)]),
    ...own(watched, 'Polls for one event of a stream', [costs.pollsPerEvent(watched)(graphMinutes)]),
    {
      title: 'Read units',
      metrics: tables.map(([label, table]) =>
        table.metricConsumedReadCapacityUnits({ ...graphed(Stats.SUM), label }),
      ),
    },
    {
      title: 'Write units',
      metrics: tables.map(([label, table]) =>
        table.metricConsumedWriteCapacityUnits({ ...graphed(Stats.SUM), label }),
      ),
    },
    {
      title: 'Time that functions ran, ms',
      metrics: metrics.allFunctions(watched).map((each) => each.metricDuration(graphed(Stats.SUM))),
    },
  ];
}

function errors(watched: Watched, alarm: MakeAlarm): Groups {
  const { config, sockets } = watched;
  const others = metrics.otherFunctions(watched);
  const refused: Over = (minutes) =>
    metrics.sumOf(
      others.map((each) => each.metricThrottles(over(minutes, Stats.SUM))),
      'refused',
      minutes,
    );
  return [
    {
      title: 'Trouble that clients hardly see',
      metrics: [
        ...alarm('PassingTrouble', (minutes) => metrics.troubleMetric(config, 'PassingTrouble', minutes)),
        ...alarm('LastingTrouble', (minutes) => metrics.troubleMetric(config, 'LastingTrouble', minutes)),
      ],
    },
    { title: 'Invocations refused', metrics: [...alarm('RefusedInvocations', refused)] },
    {
      title: 'The WebSocket fails',
      metrics: [...alarm('FailedSockets', (minutes) => sockets.metricErrors(over(minutes, Stats.SUM)))],
    },
  ];
}
