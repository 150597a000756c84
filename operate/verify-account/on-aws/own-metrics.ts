import { billedMetrics, metricNamespace } from '../../../lambdas/shared/signals/metrics.ts';
import { awsOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { cannotTell } from '../statistics.ts';

/** What an evening with one stream and some writes must have sent: name and function. */
const expected = [
  ['WriteToLog', 'fanout'],
  ['ChangesPerBatch', 'fanout'],
  ['WriteToFrame', 'stream'],
  ['Opened', 'stream'],
  ['Events', 'stream'],
  ['Polls', 'stream'],
  ['ReadUnits', 'stream'],
  ['WriteUnits', 'tasks'],
] as const;

/** What the gauge of a stage sends, whether anybody is there or not. */
const ofGauge = [
  ['OpenStreams', 'gauge'],
  ['OpenSockets', 'gauge'],
] as const;

/** Never run on AWS. */
export const ownMetrics: Experiment = {
  name: 'own-metrics',
  question: 'Does CloudWatch make metrics of the lines that the functions log, and how many?',
  dependsOn:
    '`lambdas/shared/signals/metrics.ts`, the alarms with `needsMetrics` in `lib/operations/alarm-table.ts`, and their price in docs/DEPLOY.md',
  method:
    'Lists the metrics of the namespace of the stage that were sent in the last three hours; run it a quarter of an hour after `latency`.',
  assumed: `those of tasks, fan-out, streams and the gauge are there, and no more than ${billedMetrics()} in all, besides what the logs count`,
  change:
    'missing: the dimensions in `lambdas/shared/signals/` and the namespace of `metricNamespace`. More: `values` in `metricDefinitions`, and write the tables anew',
  cents: 1,
  minutes: 1,
  needs: ['aws'],
  run: async (context) => {
    const { name: stage, metrics, gaugeMinutes } = context.stage;
    if (metrics === 'off') return cannotTell('the stage sends no metrics');
    const all = await awsOf(context).metricNames(metricNamespace(stage));
    // Those that the logs count have no dimensions.
    const own = all.filter(({ dimensions }) => Object.keys(dimensions).length > 0);
    const missing = [...expected, ...(gaugeMinutes > 0 ? ofGauge : [])].filter(
      ([name, service]) => !own.some((each) => each.name === name && each.dimensions['service'] === service),
    );
    const measured = {
      'metrics that are there': own.length,
      'as many as are billed at the most': billedMetrics(),
    };
    if (missing.length > 0) {
      const names = missing.map(([name, service]) => `${name} of ${service}`).join(', ');
      return { verdict: 'differs', found: `there is no ${names}`, measured };
    }
    const isMore = own.length > billedMetrics();
    return {
      verdict: isMore ? 'differs' : 'as assumed',
      found: `there are ${own.length} metrics, ${isMore ? 'more than' : 'within'} the ${billedMetrics()} of the bill`,
      measured,
    };
  },
};
