import type { CustomMetricWithAlarm } from 'cdk-monitoring-constructs';
import type { AlarmName } from './alarm-table.ts';
import type { Over } from './stage-metrics.ts';

/** Makes an alarm on a metric, and gives both for a graph; nothing where the stage has not got what the alarm needs. */
export type MakeAlarm = (name: AlarmName, over: Over) => readonly CustomMetricWithAlarm[];
