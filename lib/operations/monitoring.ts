import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { CustomMetricWithAlarm } from 'cdk-monitoring-constructs';
import { DefaultDashboardFactory, MonitoringFacade, noopAction, notifySns } from 'cdk-monitoring-constructs';
import { Construct } from 'constructs';
import { metricNamespace } from '../../lambdas/shared/signals/metrics.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import type { AlarmDefinition, AlarmName } from './alarm-table.ts';
import { alarmTable, runbookEntry } from './alarm-table.ts';
import { alarmTopic } from './alarm-topic.ts';
import { dashboardSections } from './dashboard-sections.ts';
import { SavedQueries } from './saved-queries.ts';
import type { Over, Watched } from './stage-metrics.ts';

/**
 * What operators of a stage see: one dashboard, the alarms of `alarm-table.ts`, each explained in docs/RUNBOOK.md, and
 * saved queries over the logs. Where there are recipients, alarms send mails.
 *
 * Each function is watched from outside: the fan-out by the age of what waits for it and by whether it runs at all, those
 * behind the API by the API's server errors, the stream function and that of the WebSocket by themselves, and the one that
 * pushes by the orders that it never gets. Containers are watched by ECS and by the load balancer before them. What they soften for clients is counted in their logs, and what keeps the gauge from
 * counting.
 */
export class Monitoring extends Construct {
  readonly #watched: Watched;

  constructor(scope: Construct, id: string, watched: Watched) {
    super(scope, id);
    this.#watched = watched;
    const { config } = watched;
    const facade = new MonitoringFacade(this, 'Facade', {
      alarmFactoryDefaults: {
        actionsEnabled: true,
        alarmNamePrefix: prefixOf(config),
        action: config.alarmEmails.length > 0 ? notifySns(alarmTopic(this, config)) : noopAction(),
      },
      metricFactoryDefaults: { namespace: metricNamespace(config.name) },
      dashboardFactory: new DefaultDashboardFactory(this, 'Dashboards', {
        dashboardNamePrefix: prefixOf(config),
      }),
    });
    const { apiFunctions, fanOut, sockets, push, streamLogs } = watched;
    const logGroups = [
      ...[...apiFunctions, fanOut.function].map(({ logGroup }) => logGroup),
      streamLogs,
      ...[sockets, push].map(({ logGroup }) => logGroup),
    ];
    const ofCanary = watched.canary === undefined ? [] : [watched.canary.logGroup];
    const ofGauge = watched.gauge === undefined ? [] : [watched.gauge.logGroup];
    this.#countTrouble([...logGroups, ...ofGauge]);
    const alarm = (name: AlarmName, over: Over): readonly CustomMetricWithAlarm[] => this.#alarm(name, over);
    for (const [name, groups] of Object.entries(dashboardSections(watched, alarm))) {
      facade.monitorCustom({
        alarmFriendlyName: name,
        humanReadableName: name,
        metricGroups: groups.filter((group) => group.metrics.length > 0),
      });
    }
    new SavedQueries(this, 'Queries', config.name, [...logGroups, ...ofCanary, ...ofGauge]);
  }

  /** An alarm, as a metric of a graph; none where it is of another host of streams, or needs what the stage has switched off. */
  #alarm(name: AlarmName, over: Over): readonly CustomMetricWithAlarm[] {
    const definition: AlarmDefinition = alarmTable[name];
    const { text, threshold, periods, breaching = periods, needsMetrics, missingIsBad, hosts } = definition;
    const { config } = this.#watched;
    if (hosts?.includes(config.streamHost) === false) return [];
    const minutes = definition.minutes === 'canary' ? config.canaryMinutes : definition.minutes;
    if (minutes === undefined || (needsMetrics && config.metrics === 'off')) return [];
    const condition = {
      alarmNameOverride: `${prefixOf(config)}-${name}`,
      alarmDescriptionOverride: `${text} ${runbookEntry(name)}`,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: breaching,
      period: Duration.minutes(minutes),
      treatMissingDataOverride: missingIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      overrideAnnotationLabel: name,
    };
    return [{ metric: over(minutes), alarmFriendlyName: name, addAlarm: { [name]: condition } }];
  }

  /**
   * Counts the lines of `reportTrouble` (lambdas/shared/signals/trouble.ts) in the logs of all functions: the stream
   * answers trouble with 200, and the API some with 429, so that neither errors nor statuses show it.
   */
  #countTrouble(logGroups: readonly ILogGroup[]): void {
    const { name } = this.#watched.config;
    for (const kind of ['Passing', 'Lasting']) {
      for (const [index, logGroup] of logGroups.entries()) {
        new MetricFilter(this, `${kind}TroubleFilter${index}`, {
          logGroup,
          metricNamespace: metricNamespace(name),
          metricName: `${kind}Trouble`,
          filterPattern: FilterPattern.stringValue('$.trouble', '=', kind.toLowerCase()),
        });
      }
    }
  }
}

/** How the names of what operators see begin. */
function prefixOf({ name }: StageConfig): string {
  return `Taskwire-${name}`;
}
