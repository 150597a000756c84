import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { mostStreams, taskProcessors } from '../config/host-combinations.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import { dollarsFor, prices } from './prices.ts';
import type { Over, WatchedTasks } from './stage-metrics.ts';
import { computed, over, ownMetric, sum, sumOf } from './stage-metrics.ts';

// Sources: "CloudWatch metrics for your Application Load Balancer", its user guide; "Amazon ECS CloudWatch metrics", Amazon ECS
// developer guide.

/** How many containers take streams. */
export function healthyTasks({ targets }: WatchedTasks, minutes: number, statistic: string): Metric {
  return targets.metrics.healthyHostCount(over(minutes, statistic));
}

/** How many containers are missing of those that there are at the least. */
export const missingTasks =
  (tasks: WatchedTasks, { leastTasks }: StageConfig): Over =>
  (minutes) =>
    computed(minutes, 'missing', `${leastTasks} - FILL(healthy, 0)`, {
      healthy: healthyTasks(tasks, minutes, Stats.MINIMUM),
    });

/** How many streams containers have on average, percent of what each may have. */
export const fullTasks =
  (config: StageConfig): Over =>
  (minutes) =>
    computed(minutes, 'percent of what a task may have', `100 * streams / ${mostStreams(config)}`, {
      streams: ownMetric(config, 'StreamsOfProcess', 'stream', over(minutes, Stats.AVERAGE)),
    });

/** How much of their processor or of their memory containers use, percent: of whichever it is more. */
export const busyTasks =
  ({ service }: WatchedTasks): Over =>
  (minutes) =>
    computed(minutes, 'percent', 'IF(processor > memory, processor, memory)', {
      processor: service.metricCpuUtilization(over(minutes, Stats.AVERAGE)),
      memory: service.metricMemoryUtilization(over(minutes, Stats.AVERAGE)),
    });

/** Server errors of containers, and of the load balancer where it finds none. */
export const failedTasks =
  ({ targets, balancer }: WatchedTasks): Over =>
  (minutes) =>
    sumOf(
      [
        targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, sum(minutes)),
        balancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, sum(minutes)),
      ],
      'server errors',
      minutes,
    );

/** What an hour of a container costs by list prices, US dollars. */
export function taskDollars(config: Pick<StageConfig, 'taskMegabytes'>): number {
  return (
    dollarsFor(prices.taskProcessors, taskProcessors(config)) +
    dollarsFor(prices.taskMemory, config.taskMegabytes / 1024) +
    dollarsFor(prices.addresses, 1)
  );
}
