import { html, render } from 'lit-html';
import uPlot from 'uplot';
import type { MetricsView, ShownAlarm, ShownGraph } from '../view.ts';
import { partOfPage, timeOf } from './part-of-page.ts';
import { tableOf } from './table.ts';

/** Colours that can be told apart on light and on dark, and by those who see fewer. Source: Okabe and Ito, 2008. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

const chartHeight = 140;

/** A chart on the page, and what it is of: where its lines are others, it is drawn anew. */
interface Drawn {
  readonly names: string;
  readonly chart: uPlot;
}

const drawn = new Map<string, Drawn>();

/** Shows the graphs of the dashboard, in its sections. */
export function showCharts({ graphs, minutes }: MetricsView): void {
  const sections = [...Map.groupBy(graphs, ({ section }) => section)];
  render(
    sections.map(
      ([section, ofSection]) =>
        html`<h3>${section}</h3>
          <div class="charts">
            ${ofSection.map(
              (graph) =>
                html`<figure>
                  <figcaption>${graph.title}</figcaption>
                  <div class="chart" data-chart=${nameOf(graph)}></div>
                  ${legendOf(graph)}
                </figure>`,
            )}
          </div>`,
    ),
    partOfPage('charts'),
  );
  for (const graph of graphs) draw(graph, minutes);
}

/** The lines with their last values, which is what a screen reader has of a chart; and where alarms ring. */
function legendOf({ lines, thresholds }: ShownGraph): unknown {
  const shown = lines.map(({ label, values }, index) => ({
    label,
    index,
    value: values.findLast((each) => each !== null),
  }));
  return html`<ul class="legend">
    ${shown.map(
      ({ label, value, index }) =>
        html`<li class="line-${index % colours.length}">
          ${label}: ${value === undefined ? 'no value yet' : rounded(value)}
        </li>`,
    )}
    ${thresholds.map(({ label, value }) => html`<li>${label} rings above ${value}</li>`)}
  </ul>`;
}

function rounded(value: number): string {
  return value.toLocaleString(undefined, { maximumSignificantDigits: 3 });
}

const nameOf = ({ section, title }: ShownGraph): string => `${section}: ${title}`;

function draw(graph: ShownGraph, minutes: readonly number[]): void {
  const { lines } = graph;
  const target = document.querySelector<HTMLElement>(`[data-chart="${CSS.escape(nameOf(graph))}"]`);
  if (target === null) return;
  const data: uPlot.AlignedData = [
    minutes.map((minute) => minute / 1000),
    ...lines.map(({ values }) => [...values]),
  ];
  const names = lines.map(({ label }) => label).join('\n');
  const before = drawn.get(nameOf(graph));
  if (before?.names === names) return before.chart.setData(data);
  before?.chart.destroy();
  drawn.set(nameOf(graph), { names, chart: new uPlot(optionsOf(graph, target), data, target) });
}

function optionsOf({ lines }: ShownGraph, target: HTMLElement): uPlot.Options {
  const { color, borderTopColor } = getComputedStyle(target);
  const axis = { stroke: color, grid: { stroke: borderTopColor, width: 1 } };
  return {
    width: target.clientWidth,
    height: chartHeight,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, most > 0 ? 1.1 * most : 1] } },
    axes: [
      { ...axis, values: (_, seconds) => seconds.map((second) => timeOf(second * 1000).slice(0, 5)) },
      { ...axis, size: 60 },
    ],
    series: [
      {},
      ...lines.map(({ label }, index) => ({
        label,
        stroke: colours[index % colours.length]!,
        points: { show: true, size: 4 },
      })),
    ],
  };
}

const titles = ['alarm', 'state', 'rings', 'last values', 'what it means'];

/** Shows how the alarms stand, those that ring first. */
export function showAlarms({ alarms }: MetricsView): void {
  const ringing = alarms.filter(({ state }) => state === 'ALARM');
  render(
    html`
      <p role="status">
        ${ringing.length === 0 ? 'No alarm rings.' : `${ringing.length} of ${alarms.length} ring.`}
      </p>
      ${tableOf(titles, [...ringing, ...alarms.filter((alarm) => !ringing.includes(alarm))].map(rowOf))}
    `,
    partOfPage('alarms'),
  );
}

function rowOf({ name, state, condition, values, text, runbook }: ShownAlarm): unknown {
  return html`<tr>
    <td>${name}</td>
    <td data-state=${state}>${state}</td>
    <td>${condition}</td>
    <td>${values.map((value) => (value === null ? '–' : rounded(value))).join(' ')}</td>
    <td>${text} <span class="muted">${runbook}</span></td>
  </tr>`;
}
