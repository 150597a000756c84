import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { CustomMetricGroup } from 'cdk-monitoring-constructs';
import type { MakeAlarm } from './make-alarm.ts';
import type { Watched, WatchedTasks } from './stage-metrics.ts';
import { over } from './stage-metrics.ts';
import * as metrics from './task-metrics.ts';

/** The graphs of containers that host the streams. */
export function taskGraphs(
  { config }: Watched,
  tasks: WatchedTasks,
  alarm: MakeAlarm,
  graphMinutes: number,
): readonly CustomMetricGroup[] {
  const { service } = tasks;
  return [
    {
      title: 'Tasks that take streams, and that are missing',
      metrics: [
        metrics.healthyTasks(tasks, graphMinutes, Stats.MINIMUM),
        ...alarm('MissingTasks', metrics.missingTasks(tasks, config)),
      ],
    },
    {
      title: 'Of the streams that a task may have, percent',
      metrics: [...alarm('FullTasks', metrics.fullTasks(config))],
    },
    {
      title: 'Processor and memory of the tasks, percent',
      metrics: [
        service.metricCpuUtilization(over(graphMinutes, Stats.MAXIMUM)),
        service.metricMemoryUtilization(over(graphMinutes, Stats.MAXIMUM)),
        ...alarm('BusyTasks', metrics.busyTasks(tasks)),
      ],
    },
    {
      title: 'Server errors of the streams',
      metrics: [...alarm('FailedTasks', metrics.failedTasks(tasks))],
    },
  ];
}
