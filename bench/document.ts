import type { Numbers } from '../commands/document-numbers.ts';
import { markdownTable } from '../commands/markdown-table.ts';
import { microsecondsOfFrame, residentPerStream } from './report.ts';
import type { BenchResult, IdleResult, ScenarioResult } from './results.ts';

/** What a chart shows: that of each subject at one number of streams. */
const chartStreams = 1000;

/** The numbers of docs/PERFORMANCE.md, by the names that it gives them. */
export function numbersOf(result: BenchResult): Numbers {
  const { scenarios } = result;
  const charted = scenarios.filter(({ streams }) => streams === chartStreams);
  return {
    machine: () =>
      `Node ${result.node}, ${result.processors} × ${result.processor}, ${result.seconds} s, load from ${result.warmUpSeconds} s after the connect on`,
    delivery: () => deliveryTable(scenarios),
    connects: () => connectTable(scenarios),
    idle: () => idleTable(result.idle ?? []),
    held: () => heldTable(result.held ?? []),
    'chart of latencies': () =>
      chart('From the POST to the frame, p99, 1,000 streams', 'ms', charted, ({ load }) => load.delivery.p99),
    'chart of processor time': () =>
      chart('Processor time for a frame, 1,000 streams', 'µs', charted, microsecondsOfFrame),
  };
}

function deliveryTable(scenarios: readonly ScenarioResult[]): string {
  const head = [
    'streams',
    '',
    'writes/s',
    'p50 ms',
    'p99 ms',
    'frames',
    'lost',
    'doubled',
    'µs a frame',
    'KB a stream',
  ];
  const rows = scenarios.map((scenario) => {
    const { streams, subject, rate, load } = scenario;
    return [
      streams.toLocaleString('en-US'),
      subject,
      String(rate),
      ...[load.delivery.p50, load.delivery.p99].map((value) => value.toFixed(1)),
      load.frames.toLocaleString('en-US'),
      String(load.lost),
      String(load.doubled),
      microsecondsOfFrame(scenario).toFixed(0),
      // With a few streams it is what the process grows by itself.
      streams < 100 ? '' : (residentPerStream(scenario, 'connected') / 1024).toFixed(0),
    ];
  });
  return markdownTable(head, rows);
}

function connectTable(scenarios: readonly ScenarioResult[]): string {
  const head = ['streams', '', 'all connected s', 'streams/s', 'all back s', 'refused', 'lost', 'doubled'];
  const rows = scenarios.map(({ streams, subject, connectSeconds, resume }) => [
    streams.toLocaleString('en-US'),
    subject,
    connectSeconds.toFixed(2),
    (streams / connectSeconds).toFixed(0),
    resume.seconds.toFixed(2),
    ...[resume.refused, resume.lost, resume.doubled].map(String),
  ]);
  return markdownTable(head, rows);
}

function heldTable(scenarios: readonly ScenarioResult[]): string {
  const told = ['events', 'p50 ms', 'p99 ms', 'lost', 'doubled', 'ended'];
  const held = ['held besides', 'of them ended', 'events to them'];
  const rows = scenarios.map((scenario) => {
    const { subject, streams, load } = scenario;
    const { delivery } = load;
    return [
      subject,
      ...[streams, load.frames].map((count) => count.toLocaleString('en-US')),
      ...[delivery.p50, delivery.p99].map((value) => value.toFixed(1)),
      ...[load.lost, load.doubled, load.endedStreams].map(String),
      scenario.held.toLocaleString('en-US'),
      ...[load.heldEnded, load.heldEvents].map(String),
      scenario.connectSeconds.toFixed(1),
      (residentPerStream(scenario, 'connected') / 1024).toFixed(0),
    ];
  });
  return markdownTable(['host', 'told', ...told, ...held, 'all connected s', 'KB a stream'], rows);
}

/** What idle streams take in an hour, of each host and number. */
export function idleTable(results: readonly IdleResult[]): string {
  const head = [
    'host',
    'streams',
    'processes',
    'processor s an hour',
    'resident MB',
    'read units an hour',
    'write units an hour',
    'sessions an hour',
    'KB to clients a stream-hour',
  ];
  return markdownTable(
    head,
    results.map((result) => {
      const anHour = (amount: number): string =>
        Math.round((amount * 3600) / result.seconds).toLocaleString('en-US');
      return [
        result.host,
        String(result.streams),
        String(result.processes),
        anHour(result.processorSeconds),
        (result.residentBytes / 2 ** 20).toFixed(0),
        anHour(result.readUnits),
        anHour(result.writeUnits),
        anHour(result.connects),
        anHour(result.bytes / 1024 / result.streams),
      ];
    }),
  );
}

/** A chart in the language of Mermaid, which GitHub draws. */
function chart(
  title: string,
  unit: string,
  scenarios: readonly ScenarioResult[],
  valueOf: (scenario: ScenarioResult) => number,
): string {
  return [
    '```mermaid',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis [${scenarios.map(({ subject }) => `"${subject}"`).join(', ')}]`,
    `  y-axis "${unit}"`,
    `  bar [${scenarios.map((scenario) => valueOf(scenario).toFixed(1)).join(', ')}]`,
    '```',
  ].join('\n');
}
