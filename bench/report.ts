import { columns } from '../commands/columns.ts';
import type { BenchResult, MemoryPoints, ScenarioResult } from './results.ts';

type Row = readonly string[];

/** What was measured on. */
export function formatMachine({ node, processor, processors }: BenchResult): string {
  return `Node ${node}, ${processors} × ${processor}; load, stack and database share the machine.`;
}

/** Runs with so many streams each, as text tables. */
export function formatScenarios({ rate, seconds, scenarios }: BenchResult): string {
  return [
    section(
      `Delivery, ${rate} writes/s for ${seconds} s; milliseconds from the time a POST was due`,
      deliveryRows(scenarios),
    ),
    section('DynamoDB units per change, as the database counts them', capacityRows(scenarios)),
    'One process serves all streams here: the reads are those of one process at the local stage’s poll interval.',
    section('Memory after a garbage collection, KB per stream', memoryRows(scenarios)),
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

function deliveryRows(scenarios: readonly ScenarioResult[]): Row[] {
  return [
    [
      'streams',
      'writes',
      'failed',
      'frames',
      'frames/s',
      'p50',
      'p99',
      'max',
      'lost',
      'doubled',
      'out of order',
      'ended',
      'answer p50',
      'p99',
    ],
    ...scenarios.map(({ streams, load }) => [
      ...[streams, load.writes, load.failedWrites, load.frames].map(String),
      load.framesPerSecond.toFixed(0),
      ...[load.delivery.p50, load.delivery.p99, load.delivery.max].map((value) => value.toFixed(1)),
      ...[load.lost, load.doubled, load.outOfOrder, load.endedStreams].map(String),
      ...[load.answer.p50, load.answer.p99].map((value) => value.toFixed(1)),
    ]),
  ];
}

function capacityRows(scenarios: readonly ScenarioResult[]): Row[] {
  const names = namesOf(scenarios.map(({ capacity }) => capacity));
  const least = scenarios.reduce((a, b) => (b.streams < a.streams ? b : a));
  return [
    [
      'streams',
      ...names.flatMap((name) => [`${name} read`, 'write']),
      'all read',
      'write',
      `write, × of ${least.streams}`,
    ],
    ...scenarios.map((scenario) => [
      String(scenario.streams),
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
  return [
    [
      'streams',
      'stream function: connected, heap',
      'resident',
      'after the load, heap',
      'resident',
      'front: after the load, heap',
      'resident',
    ],
    ...scenarios.map(({ streams, memory: { stream, front } }) => [
      String(streams),
      ...perStream(stream, 'connected', streams),
      ...perStream(stream, 'afterLoad', streams),
      ...perStream(front, 'afterLoad', streams),
    ]),
  ];
}

/** With a few streams the difference is the process's own growth. */
const fewStreams = 100;

function perStream(points: MemoryPoints, point: 'connected' | 'afterLoad', streams: number): Row {
  if (streams < fewStreams) return ['–', '–'];
  return (['heap', 'resident'] as const).map((kind) =>
    kilobytes((points[point][kind] - points.withoutStreams[kind]) / streams),
  );
}

function processorRows(scenarios: readonly ScenarioResult[]): Row[] {
  const names = namesOf(scenarios.map(({ processors }) => processors));
  return [
    ['streams', ...names],
    ...scenarios.map(({ streams, processors }) => [
      String(streams),
      ...names.map((name) => ((processors[name] ?? 0) * 100).toFixed(0)),
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
  return `${title}\n${columns(rows, 0)}`;
}
