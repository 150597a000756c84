import type { Graph } from '../../../local/metrics/dashboard.ts';
import { readGraphs } from '../../../local/metrics/dashboard.ts';
import { metricsView } from '../../../local/operations/charts.ts';
import type { ChartSource } from '../../../local/operations/charts.ts';
import type { Assembly } from '../../../local/template/assembly.ts';
import { StackTemplate } from '../../../local/template/stack-template.ts';

/** The graphs of a template whose dashboard has these widgets. */
function read(...widgets: readonly object[]): Graph[] {
  const DashboardBody = JSON.stringify({ widgets });
  const resources = { Dashboard: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody } } };
  const assembly: Assembly = {
    stackName: 'stack',
    template: { Resources: resources },
    assetDirectories: new Map(),
    constructPaths: new Map(),
  };
  return readGraphs(new StackTemplate(assembly, 'here', {}));
}

const heading = (markdown: string): object => ({ type: 'text', properties: { markdown } });
const graph = (title: string, ...metrics: readonly unknown[]): object => ({
  type: 'metric',
  properties: { title, metrics },
});

describe('a dashboard of a template', () => {
  it('has its graphs in sections', () => {
    const graphs = read(heading('### API'), graph('one'), graph('two'), heading('### Cost'), graph('three'));
    expect(graphs.map(({ section, title }) => `${section}: ${title}`)).toEqual([
      'API: one',
      'API: two',
      'Cost: three',
    ]);
  });

  it('reads metrics with their statistics, and says how CloudWatch does by itself', () => {
    const [{ lines }] = read(
      graph(
        'times',
        ['AWS/Lambda', 'Duration', 'FunctionName', 'one', { stat: 'p99', period: 60, label: 'slow' }],
        ['AWS/Lambda', 'Errors'],
      ),
    ) as [Graph];
    expect(lines.map(({ label, periodSeconds }) => [label, periodSeconds])).toEqual([
      ['slow', 60],
      ['Errors', 300],
    ]);
    expect(lines.flatMap(({ reads }) => [...reads.values()])).toEqual([
      {
        metric: { namespace: 'AWS/Lambda', name: 'Duration', dimensions: { FunctionName: 'one' } },
        statistic: 'p99',
      },
      { metric: { namespace: 'AWS/Lambda', name: 'Errors', dimensions: {} }, statistic: 'Average' },
    ]);
  });

  it('tells metrics of one name apart by their dimensions', () => {
    const of = (name: string): unknown => ['AWS/Lambda', 'Duration', 'FunctionName', name];
    const [{ lines }] = read(graph('times', of('one'), of('two'))) as [Graph];
    expect(lines.map(({ label }) => label)).toEqual(['Duration one', 'Duration two']);
  });

  it('computes of metrics that it does not show', () => {
    const [{ lines }] = read(
      graph(
        'share',
        [{ expression: '100 * part / FILL(all, 1)', label: 'percent' }],
        ['own', 'Part', { id: 'part', visible: false, stat: 'Sum' }],
        ['own', 'All', { id: 'all', visible: false, stat: 'Sum' }],
      ),
    ) as [Graph];
    const values = (given: Record<string, number>): unknown =>
      lines[0]!.expression(new Map(Object.entries(given)));
    expect(lines.map(({ label }) => label)).toEqual(['percent']);
    expect([values({ part: 1, all: 4 }), values({ part: 1 }), values({ all: 4 })]).toEqual([
      25,
      100,
      undefined,
    ]);
  });

  it.each([
    ['a metric in short', ['.', 'Errors']],
    ['another search', [{ expression: "SEARCH('Errors', 'Sum')" }]],
    ['an expression that is not known', [{ expression: 'ANOMALY_DETECTION_BAND(m1)' }]],
  ])('refuses %s', (_, metric) => {
    expect(() => read(graph('refused', metric))).toThrow(/the local stack/);
  });
});

describe('the charts of a dashboard', () => {
  const minute = 60_000;
  const now = 100.5 * minute;
  const metric = { namespace: 'own', name: 'Ended', dimensions: { reason: 'deploy' } };
  const others = [
    { ...metric, dimensions: { reason: 'failed', service: 'stream' } },
    { ...metric, name: 'Opened' },
  ];

  /** Every period has the minute in which it begins as its value. */
  function source(...graphs: readonly Graph[]): ChartSource {
    return {
      graphs,
      metrics: () => [metric, ...others],
      alarms: () => [],
      values: ({ periodSeconds, expression }, from, to) => {
        const count = (to - from) / (periodSeconds * 1000);
        expect(Number.isInteger(count)).toBe(true);
        return Array.from({ length: count }, (_, index) =>
          expression(new Map([['found', from / minute + (index * periodSeconds) / 60]])),
        );
      },
    };
  }

  const line = (periodSeconds: number): Graph['lines'][number] => ({
    label: 'line',
    reads: new Map(),
    expression: (values) => values.get('found'),
    periodSeconds,
  });

  it.each([60, 300])(
    'are by the minute where CloudWatch has values of %i s, up to the running one',
    (period) => {
      const [shown] = read(graph('one')).map((one) => ({ ...one, lines: [line(period)] }));
      const { minutes, graphs } = metricsView(source(shown!), now);
      expect([minutes.length, minutes.at(-1)]).toEqual([60, 100 * minute]);
      expect(graphs[0]!.lines[0]!.values).toEqual(minutes.map((begin) => begin / minute));
    },
  );

  it('have values that cover more where these begin, or at the first minute', () => {
    const [shown] = read(graph('one')).map((one) => ({ ...one, lines: [line(900)] }));
    const { minutes, graphs } = metricsView(source(shown!), now);
    const found = graphs[0]!.lines[0]!.values.flatMap((value, index) =>
      value === null ? [] : [[minutes[index]! / minute, value]],
    );
    expect(found).toEqual([
      [41, 30],
      [45, 45],
      [60, 60],
      [75, 75],
      [90, 90],
    ]);
  });

  it('have a line for each metric that a search finds', () => {
    const search = `SEARCH('{own,reason} MetricName="Ended"', 'Sum', 300)`;
    const { graphs } = metricsView(source(...read(graph('ends', [{ expression: search }]))), now);
    expect(graphs[0]!.lines.map(({ label }) => label)).toEqual(['deploy']);
  });
});
