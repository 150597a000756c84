import type { Assembly } from '../../../local/template/assembly.ts';
import type { AlarmState } from '../../../local/metrics/alarm.ts';
import { judge, judgedPeriods, readAlarms } from '../../../local/metrics/alarm.ts';
import type { Value } from '../../../local/metrics/metric-math.ts';
import { StackTemplate } from '../../../local/template/stack-template.ts';

const dimensions = [{ Name: 'FunctionName', Value: { Ref: 'Function' } }];
const plain = {
  AlarmName: 'Failing',
  AlarmDescription: 'It fails.',
  Namespace: 'AWS/Lambda',
  MetricName: 'Errors',
  Dimensions: dimensions,
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 3,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
};
const query = (Id: string, Namespace = 'AWS/Lambda', Period = 60): object => ({
  Id,
  MetricStat: { Metric: { Namespace, MetricName: 'Errors' }, Period, Stat: 'Sum' },
  ReturnData: false,
});
/** An alarm that is computed of some metrics. */
const computed = (...Metrics: readonly object[]): object => {
  const { Namespace: _, MetricName: __, Statistic: ___, Period: ____, Dimensions: _____, ...common } = plain;
  return { ...common, Metrics };
};

/** The alarm of a template that has no other. */
function read(properties: object): ReturnType<typeof readAlarms>[number] {
  const resources = {
    Function: { Type: 'AWS::Lambda::Function' },
    Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: properties as Record<string, unknown> },
  };
  const assembly: Assembly = {
    stackName: 'stack',
    template: { Resources: resources },
    assetDirectories: new Map(),
    constructPaths: new Map(),
  };
  return readAlarms(new StackTemplate(assembly, 'here', {}))[0]!;
}

describe('an alarm of a template', () => {
  it('reads one metric, whose dimensions are those of the running stack', () => {
    const alarm = read(plain);
    expect(alarm).toMatchObject({
      name: 'Failing',
      condition: '> 5',
      periodSeconds: 60,
      datapointsToAlarm: 3,
    });
    expect([...alarm.reads.values()]).toEqual([
      {
        metric: { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'here-Function' } },
        statistic: 'Sum',
      },
    ]);
    expect(alarm.expression(new Map([['metric', 7]]))).toBe(7);
  });

  it('reads a percentile', () => {
    const { Statistic: __, ...rest } = plain;
    const [first] = read({ ...rest, ExtendedStatistic: 'p99' }).reads.values();
    expect(first?.statistic).toBe('p99');
  });

  it('computes one expression of its metrics', () => {
    const alarm = read(computed({ Id: 'e', Expression: 'a + FILL(b, 2)' }, query('a'), query('b')));
    expect(alarm.expression(new Map([['a', 1]]))).toBe(3);
    expect([...alarm.reads.keys()]).toEqual(['a', 'b']);
  });

  it.each([
    ['a property that is not known', { ...plain, Unit: 'Count' }, 'Unit'],
    ['a comparison that is not known', { ...plain, ComparisonOperator: 'Odd' }, 'the comparison Odd'],
    [
      'a treatment of missing data that is not known',
      { ...plain, TreatMissingData: undefined },
      'missing data',
    ],
    ['no statistic', { ...plain, Statistic: undefined }, 'no statistic'],
    [
      'two periods',
      computed({ Id: 'e', Expression: 'a' }, query('a'), query('b', 'x', 300)),
      'the periods 60, 300',
    ],
    [
      'two expressions',
      computed({ Id: 'e', Expression: 'f' }, { Id: 'f', Expression: 'a', ReturnData: false }, query('a')),
      '2 expressions',
    ],
    ['two results', computed({ Id: 'e', Expression: 'a' }, { ...query('a'), ReturnData: true }), '2 results'],
  ])('is refused with %s', (_name, properties, why) => {
    expect(() => read(properties)).toThrow(why);
  });

  it.each([
    ['GreaterThanThreshold', [6, 5]],
    ['GreaterThanOrEqualToThreshold', [5, 4]],
    ['LessThanThreshold', [4, 5]],
    ['LessThanOrEqualToThreshold', [5, 6]],
  ])('with %s breaches at %j, the first and not the second', (ComparisonOperator, [first, second]) => {
    const { breaches } = read({ ...plain, ComparisonOperator });
    expect([breaches(first!), breaches(second!)]).toEqual([true, false]);
  });
});

/** Values of five periods: X breaches, 0 does not, - is missing. */
function valuesOf(text: string): Value[] {
  return text.split(' ').map((sign) => ({ X: 9, '0': 0, '-': undefined })[sign]);
}

describe('the state of an alarm, as the tables of the CloudWatch user guide have it', () => {
  // Data points, then what they give where missing data is breaching, ignored, not breaching; `kept` is the state before.
  it.each<readonly [string, number, string, string, string]>([
    ['0 - X - X', 3, 'OK', 'OK', 'OK'],
    ['- - - - 0', 3, 'OK', 'OK', 'OK'],
    ['- - - - -', 3, 'ALARM', 'kept', 'OK'],
    ['0 X X - X', 3, 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 3, 'ALARM', 'kept', 'OK'],
    ['0 - X - X', 2, 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X - X', 2, 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 2, 'ALARM', 'OK', 'OK'],
    ['- - - - 0', 2, 'ALARM', 'OK', 'OK'],
    ['- - - - X', 2, 'ALARM', 'kept', 'OK'],
    ['X X X X 0', 3, 'OK', 'OK', 'OK'],
    ['0 0 X X X', 3, 'ALARM', 'ALARM', 'ALARM'],
  ])('of %s with %s of 3 to alarm', (text, DatapointsToAlarm, ...expected) => {
    const treatments = ['breaching', 'ignore', 'notBreaching'];
    for (const [index, TreatMissingData] of treatments.entries()) {
      const alarm = read({ ...plain, DatapointsToAlarm, TreatMissingData });
      const values = valuesOf(text);
      expect(values).toHaveLength(judgedPeriods(alarm));
      for (const before of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] satisfies AlarmState[])
        expect(judge(alarm, values, before)).toBe(expected[index] === 'kept' ? before : expected[index]);
    }
  });

  it('stays where a metric of DynamoDB is missing, whatever the alarm says', () => {
    const alarm = read(computed({ Id: 'e', Expression: 'a' }, query('a', 'AWS/DynamoDB')));
    expect(judge(alarm, valuesOf('X X - - -'), 'ALARM')).toBe('ALARM');
    expect(judge(alarm, valuesOf('X X - - -'), 'OK')).toBe('OK');
  });
});
