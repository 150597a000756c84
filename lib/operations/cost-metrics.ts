import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { functionMemory } from '../functions/function-memory.ts';
import type { PriceName } from './prices.ts';
import { dollarsFor, prices } from './prices.ts';
import type { Over, Watched } from './stage-metrics.ts';
import { computed, ownMetric, sum } from './stage-metrics.ts';
import { healthyTasks, taskDollars } from './task-metrics.ts';

/** What one unit costs, US dollars. */
const dollars = (price: PriceName): number => dollarsFor(prices[price], 1);

/** US dollars, as metric math over metrics by their names in it. */
interface Spent {
  readonly expression: string;
  readonly usingMetrics: Readonly<Record<string, IMetric>>;
}

/** What a time has cost of what grows with use: the time of streams or of containers, requests, messages and units, by list prices. */
function spentIn({ config, api, socketApiId, stream, tasks, tables }: Watched, minutes: number): Spent {
  const perMillisecond = (functionMemory.stream / 1024 / 1000) * dollars('compute');
  const counted = Object.entries(tables).flatMap(([name, table]) => [
    [`${name}Reads`, table.metricConsumedReadCapacityUnits(sum(minutes)), dollars('reads')] as const,
    [`${name}Writes`, table.metricConsumedWriteCapacityUnits(sum(minutes)), dollars('writes')] as const,
  ]);
  const all = [
    ...(stream === undefined
      ? []
      : [['streamed', stream.metricDuration(sum(minutes)), perMillisecond] as const]),
    ...(tasks === undefined
      ? []
      : [
          [
            'tasks',
            healthyTasks(tasks, minutes, Stats.AVERAGE),
            (minutes / 60) * taskDollars(config),
          ] as const,
        ]),
    ['requests', api.metricCount(sum(minutes)), dollars('requests')] as const,
    ['messages', messageCount(socketApiId, sum(minutes)), dollars('messages')] as const,
    ...counted,
  ];
  // No exponents: metric math does not say that it knows them.
  const terms = all.map(([name, , each]) => `FILL(${name}, 0) * ${each.toFixed(15)}`);
  return {
    expression: `(${terms.join(' + ')})`,
    usingMetrics: Object.fromEntries(all.map(([name, metric]) => [name, metric])),
  };
}

/** What a day has cost, as percent of what it may cost. Alarms read ten metrics at the most. */
export const costADay =
  (watched: Watched): Over =>
  (minutes) => {
    const { expression, usingMetrics } = spentIn(watched, minutes);
    const percent = `100 * ${expression} / ${watched.config.dollarsADay}`;
    return computed(minutes, 'percent of dollarsADay', percent, usingMetrics);
  };

/**
 * What a thousand events have cost that were handed over for clients, US dollars; 0 where there was none. A stream is paid for
 * when it ends.
 */
export const costOfEvents =
  (watched: Watched): Over =>
  (minutes) => {
    const { expression, usingMetrics } = spentIn(watched, minutes);
    const events = Object.fromEntries(
      (['stream', 'push', 'websocket'] as const).map((service) => [
        `by${service}`,
        ownMetric(watched.config, 'Events', service, sum(minutes)),
      ]),
    );
    const all = Object.keys(events)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + ');
    const cost = `IF(${all} > 0, 1000 * ${expression} / (${all}), 0)`;
    return computed(minutes, 'dollars', cost, { ...usingMetrics, ...events });
  };

/** How many looks at the ends of logs it took for one event of a stream; 0 where there was none. */
export const pollsPerEvent =
  ({ config }: Watched): Over =>
  (minutes) =>
    computed(minutes, 'polls', 'IF(FILL(told, 0) > 0, FILL(polls, 0) / told, 0)', {
      told: ownMetric(config, 'Events', 'stream', sum(minutes)),
      polls: ownMetric(config, 'Polls', 'stream', sum(minutes)),
    });

/** Messages to and from clients. Source: "Monitor WebSocket API execution with CloudWatch metrics", API Gateway developer guide. */
function messageCount(apiId: string, options: MetricOptions): Metric {
  return new Metric({
    namespace: 'AWS/ApiGateway',
    metricName: 'MessageCount',
    dimensionsMap: { ApiId: apiId },
    ...options,
  });
}
