import { functionMemory } from '../../lib/functions/function-memory.ts';
import { dollarsFor, prices } from '../../lib/operations/prices.ts';
import type { Graph } from '../../local/metrics/dashboard.ts';
import { readGraphs } from '../../local/metrics/dashboard.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { StackTemplate } from '../../local/template/stack-template.ts';

let graphs: readonly Graph[];
beforeAll(() => {
  const assembly = readAssembly(process.env['TASKWIRE_TEMPLATE_DIRECTORY']!);
  graphs = readGraphs(new StackTemplate(assembly, 'here', { LocalPort: 1 }));
});

/** What a graph of one line shows where metrics have these values. */
function shown(title: string, values: Readonly<Record<string, number>>): number | undefined {
  const { lines } = graphs.find((graph) => graph.title === title)!;
  expect(lines).toHaveLength(1);
  const names = new Set(lines[0]!.reads.keys());
  expect(Object.keys(values).filter((name) => !names.has(name))).toEqual([]);
  return lines[0]!.expression(new Map(Object.entries(values)));
}

const dollars = (price: keyof typeof prices, quantity: number): number => dollarsFor(prices[price], quantity);

describe('what a thousand events cost', () => {
  const title = 'What a thousand events cost in an hour, dollars';

  it('is the time of streams, requests, messages and units, shared by the events of all transports', () => {
    const hourOfStream = dollars('compute', (functionMemory.stream / 1024) * 3600);
    const others =
      dollars('requests', 50) + dollars('messages', 70) + dollars('writes', 40) + dollars('reads', 30);
    const values = {
      streamed: 3_600_000,
      requests: 50,
      messages: 70,
      tasksTableWrites: 40,
      eventsTableReads: 30,
      bystream: 1500,
      bypush: 400,
      bywebsocket: 100,
    };
    expect(shown(title, values)).toBeCloseTo((hourOfStream + others) / 2, 9);
  });

  it('is nothing where there were none', () => {
    expect(shown(title, { streamed: 3_600_000 })).toBe(0);
  });
});

describe('polls for one event of a stream', () => {
  it('are those of streams, for each of their events', () => {
    expect(shown('Polls for one event of a stream', { polls: 90, told: 30 })).toBe(3);
    expect(shown('Polls for one event of a stream', { polls: 90 })).toBe(0);
  });
});
