import { columns } from '../commands/columns.ts';
import type { BenchResult, MemoryPoints, ScenarioResult } from './results.ts';
import { isPeer } from './results.ts';

type Row = readonly string[];

/** What was measured on. */
export function formatMachine({ node, processor, processors }: BenchResult): string {
  return `Node ${node}, ${processors} × ${processor}; load, server and database share the machine.`;
}

/** Runs with so many streams each, as text tables. */
export function formatScenarios({ seconds, scenarios }: Pick<BenchResult, 'seconds' | 'scenarios'>): string {
  const ours = scenarios.filter(({ subject }) => !isPeer(subject));
  return [
    section(
      `Delivery, ${seconds} s; milliseconds from the time a POST was due, processor time of all but the load for a frame`,
      deliveryRows(scenarios),
    ),
    section(
      'All connect; then all are cut at once, and come back to what they missed',
      connectRows(scenarios),
    ),
    ...(scenarios.some(({ held }) => held > 0)
      ? [section('Streams of other workspaces, told of nothing', heldRows(scenarios))]
      : []),
    section('Memory after a garbage collection, KB per stream', memoryRows(scenarios)),
    ...(ours.length === 0
      ? []
      : [
          section('DynamoDB units per change, as the database counts them', capacityRows(ours)),
          'The reads are those of one process that serves all streams, at the local stage’s poll interval.',
        ]),
    section('Processor time, % of one processor', processorRows(scenarios)),
  ].join('\n\n');
}

/** The functions as a deploy would upload them, as a text table. */
export function formatBundles(result: BenchResult): string {
  return section('Functions', bundleRows(result));
}

function bundleRows({ bundles }: BenchResult): Row[] {
  return [
    ['function', 'KB', 'KB gzip', 'module init ms'],
    ...bundles.map(({ name, bytes, gzipBytes, initMs }) => [
      name,
      kilobytes(bytes),
      kilobytes(gzipBytes),
      initMs.toFixed(1),
    ]),
  ];
}

/** Which scenario a row is about. */
function labels({ subject, streams }: ScenarioResult): Row {
  return [subject, String(streams)];
}

const labelTitles = ['', 'streams'];

function deliveryRows(scenarios: readonly ScenarioResult[]): Row[] {
  const latencies = ['p50', 'p99', 'max', 'answer p50', 'p99', 'µs a frame'];
  const faults = ['lost', 'doubled', 'out of order', 'ended'];
  return [
    [...labelTitles, 'writes/s', 'failed', 'frames', 'frames/s', ...latencies, ...faults],
    ...scenarios.map((scenario) => {
      const { rate, load } = scenario;
      const { delivery, answer } = load;
      return [
        ...labels(scenario),
        ...[rate, load.failedWrites, load.frames].map(String),
        load.framesPerSecond.toFixed(0),
        ...[delivery.p50, delivery.p99, delivery.max, answer.p50, answer.p99].map((value) =>
          value.toFixed(1),
        ),
        microsecondsOfFrame(scenario).toFixed(1),
        ...[load.lost, load.doubled, load.outOfOrder, load.endedStreams].map(String),
      ];
    }),
  ];
}

/** Processor time for each frame, of all processes but those that are not measured. */
export function microsecondsOfFrame({ processors, load }: ScenarioResult): number {
  const shares = Object.entries(processors).filter(([name]) => name !== 'load' && name !== 'others');
  const share = shares.reduce((total, [, each]) => total + each, 0);
  return (share / load.framesPerSecond) * 1e6;
}

function connectRows(scenarios: readonly ScenarioResult[]): Row[] {
  return [
    [...labelTitles, 'connected after s', 'streams/s', 'back after s', 'refused', 'lost', 'doubled'],
    ...scenarios.map((scenario) => {
      const { streams, connectSeconds, resume } = scenario;
      return [
        ...labels(scenario),
        connectSeconds.toFixed(2),
        (streams / connectSeconds).toFixed(0),
        resume.seconds.toFixed(2),
        ...[resume.refused, resume.lost, resume.doubled].map(String),
      ];
    }),
  ];
}

function heldRows(scenarios: readonly ScenarioResult[]): Row[] {
  return [
    [...labelTitles, 'besides', 'ended', 'events'],
    ...scenarios.map((scenario) => {
      const { held, load } = scenario;
      return [...labels(scenario), ...[held, load.heldEnded, load.heldEvents].map(String)];
    }),
  ];
}

function capacityRows(scenarios: readonly ScenarioResult[]): Row[] {
  const names = namesOf(scenarios.map(({ capacity }) => capacity));
  const least = scenarios.reduce((a, b) => (b.streams < a.streams ? b : a));
  return [
    [
      ...labelTitles,
      ...names.flatMap((name) => [`${name} read`, 'write']),
      'all read',
      'write',
      `write, × of ${least.streams}`,
    ],
    ...scenarios.map((scenario) => [
      ...labels(scenario),
      ...names.flatMap((name) => {
        const { readUnits = 0, writeUnits = 0 } = scenario.capacity[name] ?? {};
        return [readUnits.toFixed(2), writeUnits.toFixed(2)];
      }),
      sum(scenario, 'readUnits').toFixed(2),
      sum(scenario, 'writeUnits').toFixed(2),
      (sum(scenario, 'writeUnits') / sum(least, 'writeUnits')).toFixed(2),
    ]),
  ];
}

function memoryRows(scenarios: readonly ScenarioResult[]): Row[] {
  const processes = namesOf(scenarios.map(({ memory }) => memory));
  return [
    [
      ...labelTitles,
      'connected',
      'after the load',
      ...processes.flatMap((process) => [`${process}: connected`, 'its heap', 'after the load', 'its heap']),
    ],
    ...scenarios.map((scenario) => {
      const { streams, held, memory } = scenario;
      const open = streams + held;
      const all = (['connected', 'afterLoad'] as const).map((point) =>
        perStream(residentPerStream(scenario, point), open),
      );
      return [...labels(scenario), ...all, ...processes.flatMap((name) => memoryCells(memory[name], open))];
    }),
  ];
}

/** What the system has given all processes for each stream, bytes. */
export function residentPerStream(
  { streams, held, memory }: ScenarioResult,
  point: 'connected' | 'afterLoad',
): number {
  const points = Object.values(memory);
  const grown = points.map((each) => each[point].resident - each.withoutStreams.resident);
  return grown.reduce((total, each) => total + each, 0) / (streams + held);
}

function memoryCells(points: MemoryPoints | undefined, streams: number): Row {
  return (['connected', 'afterLoad'] as const).flatMap((point) =>
    (['resident', 'heap'] as const).map((kind) => {
      const [now, before] = [points?.[point][kind], points?.withoutStreams[kind]];
      return perStream(
        now === undefined || before === undefined ? undefined : (now - before) / streams,
        streams,
      );
    }),
  );
}

/** With a few streams the difference is the process's own growth. */
const fewStreams = 100;

function perStream(bytes: number | undefined, streams: number): string {
  return bytes === undefined || streams < fewStreams ? '–' : kilobytes(bytes);
}

function processorRows(scenarios: readonly ScenarioResult[]): Row[] {
  const names = namesOf(scenarios.map(({ processors }) => processors));
  return [
    [...labelTitles, ...names],
    ...scenarios.map((scenario) => [
      ...labels(scenario),
      ...names.map((name) => {
        const share = scenario.processors[name];
        return share === undefined ? '' : (share * 100).toFixed(0);
      }),
    ]),
  ];
}

function namesOf(records: ReadonlyArray<Readonly<Record<string, unknown>>>): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function sum({ capacity }: ScenarioResult, units: 'readUnits' | 'writeUnits'): number {
  return Object.values(capacity).reduce((total, each) => total + each[units], 0);
}

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}

/** A title and a table with right-aligned columns. */
function section(title: string, rows: readonly Row[]): string {
  return `${title}\n${columns(rows, 1)}`;
}
