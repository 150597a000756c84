import { LocalMetrics } from '../../../local/metrics/local-metrics.ts';
import type { Assembly, TemplateResource } from '../../../local/template/assembly.ts';
import { StackTemplate } from '../../../local/template/stack-template.ts';

const begin = Date.UTC(2026, 0, 1);

const filter = (properties: object = {}): TemplateResource => ({
  Type: 'AWS::Logs::MetricFilter',
  Properties: {
    LogGroupName: 'logs-of-one',
    FilterPattern: '{ $.trouble = "lasting" }',
    MetricTransformations: [{ MetricName: 'Trouble', MetricNamespace: 'Own', MetricValue: '1' }],
    ...properties,
  },
});
const alarm = (properties: object = {}): TemplateResource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName: 'Trouble',
    Namespace: 'Own',
    MetricName: 'Trouble',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    ...properties,
  },
});

function templateOf(...resources: readonly TemplateResource[]): StackTemplate {
  const assembly: Assembly = {
    stackName: 'stack',
    template: { Resources: Object.fromEntries(resources.map((each, index) => [`Resource${index}`, each])) },
    assetDirectories: new Map(),
    constructPaths: new Map(),
  };
  return new StackTemplate(assembly, 'here', {});
}

describe('what is known of a running stack', () => {
  let now = begin;
  let metrics: LocalMetrics;
  beforeEach(() => {
    now = begin;
    metrics = new LocalMetrics(templateOf(filter(), alarm()), () => now);
    metrics.watchLogs([
      ['one', 'logs-of-one'],
      ['other', 'logs-of-other'],
    ]);
  });

  const say = (functionName: string, text: string): void =>
    metrics.log({ functionName, stream: 'stdout', text });
  const sum = (namespace: string, name: string, dimensions = {}): number | undefined =>
    metrics.series({
      metric: { namespace, name, dimensions },
      statistic: 'Sum',
      periodSeconds: 60,
      from: begin,
      to: begin + 60_000,
    })[0];

  it('has what the filters of a log group count in its lines, and in no others', () => {
    say('one', '{"trouble":"lasting","message":"it is broken"}');
    say('one', '{"trouble":"passing"}');
    say('one', '{"message":"trouble"}');
    say('one', 'no JSON, and lasting trouble');
    say('one', "{ code: 'EPIPE', trouble: 'lasting' }");
    say('one', '{"trouble":"lasting","message":"it is cu');
    say('one', '{"_aws":{"CloudWatchMetrics":[{"Namespace":"Own"');
    say('other', '{"trouble":"lasting"}');
    say('unknown', '{"trouble":"lasting"}');
    expect(sum('Own', 'Trouble')).toBe(1);
  });

  it('has the metrics that lines carry, with their dimensions', () => {
    const carried = {
      Namespace: 'Own',
      Dimensions: [['service']],
      Metrics: [{ Name: 'Age' }, { Name: 'Count' }],
    };
    say(
      'other',
      JSON.stringify({ _aws: { CloudWatchMetrics: [carried] }, service: 'x', Age: [1, 2], Count: 5 }),
    );
    expect(sum('Own', 'Age', { service: 'x' })).toBe(3);
    expect(sum('Own', 'Count', { service: 'x' })).toBe(5);
  });

  it('has the states of the alarms at the end of the last whole minute', () => {
    const states = (): unknown[] => metrics.alarms().map(({ alarm: { name }, state }) => [name, state]);
    expect(states()).toEqual([['Trouble', 'OK']]);
    say('one', '{"trouble":"lasting"}');
    now += 59_999;
    expect(states()).toEqual([['Trouble', 'OK']]);
    now += 1;
    expect(states()).toEqual([['Trouble', 'ALARM']]);
    now += 3 * 60_000;
    expect(states()).toEqual([['Trouble', 'OK']]);
  });

  it.each([
    [
      'an alarm on a metric of AWS that is not sent',
      alarm({ Namespace: 'AWS/Lambda' }),
      'reads AWS/Lambda Trouble',
    ],
    ['another pattern', filter({ FilterPattern: '?ERROR' }), 'the pattern ?ERROR'],
    ['a pattern with a wildcard', filter({ FilterPattern: '{ $.a = "b*" }' }), 'the pattern'],
    [
      'a default value',
      filter({
        MetricTransformations: [{ MetricName: 'a', MetricNamespace: 'b', MetricValue: '1', DefaultValue: 0 }],
      }),
      'the transformations',
    ],
    [
      'a value of the line',
      filter({ MetricTransformations: [{ MetricName: 'a', MetricNamespace: 'b', MetricValue: '$.x' }] }),
      'the transformations',
    ],
  ])('refuses %s', (_name, resource, why) => {
    expect(() => new LocalMetrics(templateOf(resource), () => now)).toThrow(why);
  });
});
