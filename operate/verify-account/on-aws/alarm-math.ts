import type { MetricAlarm, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Aws, Range, Series } from '../aws/aws.ts';
import type { Context } from '../context.ts';
import { awsOf } from '../context.ts';
import type { Experiment, Finding } from '../experiment.ts';
import { cannotTell } from '../statistics.ts';

const hours = 3;
const stopped = 'StoppedFanOut';
const nobody = 'taskwire-verify-account-never-ran';

/** The query whose result an alarm compares; undefined for an alarm on one metric. */
function askedOf({ Metrics: queries = [] }: MetricAlarm): string | undefined {
  return queries.find(({ ReturnData }) => ReturnData !== false)?.Id;
}

/**
 * The queries of `StoppedFanOut` as they are where the fan-out never ran: its invocations are those of a function that there
 * is not. Whether metric math fills a metric without a single value is what nothing but CloudWatch can say.
 */
export function withoutFanOut(queries: readonly MetricDataQuery[]): readonly MetricDataQuery[] {
  return queries.map((query) => {
    const { MetricStat: stat } = query;
    if (stat?.Metric?.Namespace !== 'AWS/Lambda') return query;
    const Metric = { ...stat.Metric, Dimensions: [{ Name: 'FunctionName', Value: nobody }] };
    return { ...query, MetricStat: { ...stat, Metric } };
  });
}

/** The alarms that are computed and cannot be: their names, and what CloudWatch says. */
async function brokenAlarms(aws: Aws, alarms: readonly MetricAlarm[], range: Range): Promise<string[]> {
  const broken: string[] = [];
  for (const alarm of alarms) {
    const asked = askedOf(alarm);
    if (asked === undefined) continue;
    await aws.compute(alarm.Metrics!, asked, range).catch((error: unknown) => {
      broken.push(`${alarm.AlarmName}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  return broken;
}

function judge(broken: readonly string[], computed: number, { values }: Series): Finding {
  const goesOff = values.filter((value) => value > 0).length;
  const measured = {
    'computed alarms': computed,
    'of them broken': broken.length,
    'values without the fan-out': values.length,
    'of them above the threshold': goesOff,
  };
  if (broken.length > 0) {
    return { verdict: 'differs', found: `CloudWatch cannot compute ${broken.join('; ')}`, measured };
  }
  if (goesOff > 0) {
    return { verdict: 'as assumed', found: `all are computed, and ${stopped} would go off`, measured };
  }
  if (values.length === 0) {
    return {
      verdict: 'differs',
      found: `${stopped} has no value where the fan-out never ran: it would not go off`,
      measured,
    };
  }
  return cannotTell(
    `${stopped} is 0: was anything written in the last hours? run \`latency\` before`,
    measured,
  );
}

/** Never run on AWS. */
export const alarmMath: Experiment = {
  name: 'alarm-math',
  question:
    'Does CloudWatch compute the alarms that are computed, and does `FILL` fill a metric that has no value at all?',
  dependsOn:
    '`StoppedFanOut`, `CostADay` and the other expressions in `lib/operations/stage-metrics.ts`, which an emulator does not know',
  method: `Has CloudWatch compute the expression of each alarm over the last ${hours} hours, and that of \`${stopped}\` once more for a function that never ran; run it after \`latency\`, which writes.`,
  assumed: `each is computed, and \`${stopped}\` is 1 where something was written and the fan-out never ran`,
  change:
    'in `stoppedFanOut` (`lib/operations/stage-metrics.ts`) count appends by `WriteToLog` and compare with the writes, or have a schedule invoke the fan-out so that it has values. Alarms on metrics of DynamoDB keep their state where values are missing, whatever they are told (PutMetricAlarm, CloudWatch API reference)',
  cents: 1,
  minutes: 1,
  needs: ['aws'],
  run: async (context: Context) => {
    const aws = awsOf(context);
    const to = context.clock.now();
    const range = { from: to - hours * 3_600_000, to };
    const alarms = await aws.alarms();
    const alarm = alarms.find(({ AlarmName: name }) => name?.endsWith(`-${stopped}`));
    const asked = alarm && askedOf(alarm);
    if (alarm === undefined || asked === undefined) {
      return cannotTell(`the stage has no alarm ${stopped} that is computed: is its monitoring on?`);
    }
    const broken = await brokenAlarms(aws, alarms, range);
    const values = await aws.compute(withoutFanOut(alarm.Metrics!), asked, range);
    const computed = alarms.filter((each) => askedOf(each) !== undefined).length;
    return judge(broken, computed, values);
  },
};
