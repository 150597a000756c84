import { readFileSync } from 'node:fs';
import { numbersOf } from '../../bench/document.ts';
import type { BenchResult, ScenarioResult, SubjectName } from '../../bench/results.ts';
import { withNumbers } from '../../commands/document-numbers.ts';

const docs = new URL('../../docs/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, docs), 'utf8');

const megabyte = 1024 * 1024;

function scenario(subject: SubjectName, streams: number, resident: number): ScenarioResult {
  const nothing = { resident: 0 };
  return {
    subject,
    streams,
    held: 0,
    rate: 20,
    connectSeconds: 0.5,
    load: {
      writes: 100,
      failedWrites: 0,
      frames: 100 * streams,
      framesPerSecond: 20 * streams,
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      endedStreams: 0,
      heldEnded: 0,
      heldEvents: 0,
      delivery: { p50: 3.14, p99: 15.9, max: 92.6 },
      answer: { p50: 1, p99: 2, max: 3 },
    },
    resume: { seconds: 1.5, refused: 0, lost: 5, doubled: 0 },
    capacity: {},
    memory: {
      stream: { withoutStreams: nothing, connected: { resident }, afterLoad: { resident } },
      front: { withoutStreams: nothing, connected: { resident }, afterLoad: nothing },
    },
    processors: { load: 0.3, stream: 0.4, front: 0.1, others: 0.2 },
  };
}

it('docs/PERFORMANCE.md has the numbers of docs/performance.json', () => {
  const text = read('PERFORMANCE.md');
  const result = JSON.parse(read('performance.json')) as BenchResult;
  expect(withNumbers(text, numbersOf(result), 'bench')).toBe(text);
});

it('all that serves counts for a frame and for a stream, and the load does not', () => {
  const scenarios = [scenario('function', 1000, 20 * megabyte), scenario('better-sse', 1, megabyte)];
  const numbers = numbersOf({ scenarios } as unknown as BenchResult);
  const cells = numbers['delivery']!()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
  expect(cells[2]).toEqual(['1,000', 'function', '20', '3.1', '15.9', '100,000', '0', '0', '25', '41']);
  expect(cells[3]).toEqual(['1', 'better-sse', '20', '3.1', '15.9', '100', '0', '0', '25000', '']);
  expect(numbers['connects']!()).toMatch(
    /\| 1,000 +\| function +\| 0\.50 +\| 2000 +\| 1\.50 +\| 0 +\| 5 +\| 0 +\|/,
  );
  expect(numbers['chart of latencies']!()).toContain('x-axis ["function"]');
  expect(numbers['chart of latencies']!()).toContain('bar [15.9]');
});
