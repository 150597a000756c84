import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measureBundles } from '../../bench/bundles.ts';
import type { BenchResult, IdleResult } from '../../bench/results.ts';
import { runCommandFile } from '../commands/command.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-bench-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('npm run bench prints and writes the figures of streams, units, memory and functions', async () => {
  const json = path.join(directory, 'figures.json');
  const smallest = ['--streams', '1', '--rate', '5', '--seconds', '1', '--loads', '1', '--json', json];
  const { code, stdout } = await runCommandFile('bench/run.ts', smallest);
  expect(code).toBe(0);
  const { scenarios, bundles } = JSON.parse(readFileSync(json, 'utf8')) as {
    readonly scenarios: ReadonlyArray<{ readonly load: object; readonly connectSeconds: number }>;
    readonly bundles: ReadonlyArray<{ readonly name: string; readonly initMs: number }>;
  };
  expect(scenarios).toMatchObject([
    {
      subject: 'function',
      streams: 1,
      load: { writes: 5, frames: 5, lost: 0, doubled: 0 },
      // It misses five writes while it is cut.
      resume: { refused: 0, lost: 0, doubled: 0 },
    },
  ]);
  expect(scenarios[0]!.connectSeconds).toBeGreaterThan(0);
  expect(bundles.map(({ name }) => name)).toEqual([
    'connections',
    'fanout',
    'push',
    'stream',
    'tasks',
    'websocket',
  ]);
  for (const { initMs } of bundles) expect(initMs).toBeGreaterThan(0);
  for (const title of ['Delivery, 1 s', 'All connect', 'DynamoDB units per change', 'Memory', 'Functions']) {
    expect(stdout).toContain(title);
  }
  // What was measured first is printed before what may still fail.
  expect(stdout.indexOf('Delivery')).toBeLessThan(stdout.indexOf('Functions'));
});

it('npm run bench -- --idle measures streams that are told of nothing, all numbers at the same time', async () => {
  const json = path.join(directory, 'idle.json');
  const flags = ['--idle', '3', '--streams', '1,3', '--hosts', 'web-function', '--json', json];
  const { code, stdout } = await runCommandFile('bench/run.ts', flags);
  expect(code).toBe(0);
  const idle = JSON.parse(readFileSync(json, 'utf8')) as readonly IdleResult[];
  expect(idle).toMatchObject(
    [1, 3].map((streams) => ({ host: 'web-function', streams, seconds: 3, processes: 1, writeUnits: 0 })),
  );
  for (const { processorSeconds, residentBytes, readUnits } of idle) {
    if (existsSync('/proc/self/stat')) {
      expect(processorSeconds).toBeGreaterThan(0);
      expect(residentBytes).toBeGreaterThan(2 ** 25);
    }
    // As deployed stages poll, and not as the local one does: that would be some fifty a second.
    expect(readUnits).toBeGreaterThan(0);
    expect(readUnits).toBeLessThan(3 * 25);
  }
  expect(stdout).toMatch(/\n\| web-function +\| 3 +\| 1 /);
});

it('a function that does not load is one line, and none of its code', async () => {
  const code = `const bundled = ${JSON.stringify('x'.repeat(5000))}; throw new Error('MEMORY is missing');`;
  writeFileSync(path.join(directory, 'index.mjs'), code);
  const broken = { name: 'stream', bundleDirectory: directory, environment: {} };
  await expect(measureBundles([broken], 1)).rejects.toThrow(
    /^the function stream does not load: Error: MEMORY is missing$/,
  );
});

it('npm run bench -- --held holds streams of other workspaces besides, and tells them of nothing', async () => {
  const json = path.join(directory, 'held.json');
  const smallest = ['--streams', '2', '--rate', '5', '--seconds', '1', '--warm-up', '0', '--loads', '1'];
  const { code, stdout } = await runCommandFile('bench/run.ts', [...smallest, '--held', '5', '--json', json]);
  expect(code).toBe(0);
  const { scenarios } = JSON.parse(readFileSync(json, 'utf8')) as BenchResult;
  expect(scenarios).toMatchObject([
    {
      streams: 2,
      held: 5,
      load: { frames: 10, lost: 0, doubled: 0, endedStreams: 0, heldEnded: 0, heldEvents: 0 },
    },
  ]);
  expect(stdout).toMatch(/Streams of other workspaces, told of nothing\n.*\nfunction +2 +5 +0 +0\n/);
});

it.each(['--idle', '--held'])('npm run bench does not take the peers along with %s', async (flag) => {
  const { code, stderr } = await runCommandFile('bench/run.ts', ['--peers', flag, '5']);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`--peers and ${flag} do not go together`)]);
});
