/** `npm run -s fuzz`: random requests to every endpoint of a local stack; exits 1 for any that is not answered well. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseCount, parseSwitch, runCommand } from '../commands/command-line.ts';
import type { Flags } from '../commands/command-line.ts';
import { startLocalStack } from '../local/stack.ts';
import { synthesizeLocalStage } from '../local/template/synthesize.ts';
import { memoryGrowth } from './fuzz/memory.ts';
import { describeFailure, describeReport } from './fuzz/report.ts';
import { fuzz, fuzzEnvironment } from './fuzz/run.ts';
import { findSecret } from './secrets/find-secrets.ts';

const highestNumber = 999_999_999;

const help = `npm run -s fuzz -- [--count N] [--seed S] [--edge on|off]

  --count N       requests (default 100000); fewer than some thousands do not reach everything, which counts as failed
  --seed S        whole number that all requests follow from (default: by the clock)
  --edge on|off   whether they go through the edge (default off)`;

const options = {
  count: { type: 'string', default: '100000' },
  seed: { type: 'string', default: String(1 + (Date.now() % highestNumber)) },
  edge: { type: 'string', default: 'off' },
} as const;

async function main(flags: Flags<typeof options>): Promise<number> {
  const count = parseCount(flags.count, '--count', highestNumber);
  const seed = parseCount(flags.seed, '--seed', highestNumber);
  const edge = parseSwitch(flags.edge, '--edge');
  const assembly = mkdtempSync(path.join(tmpdir(), 'taskwire-fuzz-'));
  process.once('exit', () => rmSync(assembly, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const leaks = new Set<string>();
  console.log(`${count} requests, seed ${seed}, edge ${edge}`);
  await synthesizeLocalStage(assembly, { edge });
  const stack = await startLocalStack({
    assembly,
    port: 0,
    environment: fuzzEnvironment,
    pageDirectory: path.join(import.meta.dirname, '..', 'dashboard'),
    onLog: ({ functionName, text }) => {
      const found = findSecret(text);
      if (found) leaks.add(`${functionName} logged ${found.what}: ${found.redacted}`);
    },
  });
  try {
    const report = await fuzz(stack, { count, seed, onProgress: progress(count) });
    const growth = memoryGrowth(report.memory);
    console.log(describeReport(report, growth));
    for (const failure of report.failures) console.error(describeFailure(failure, seed));
    for (const leak of leaks) console.error(leak);
    const missing = report.coverage.missing(report.ends);
    const isWell = report.failed + report.crashed.length + leaks.size + missing.length === 0;
    return isWell && growth.every(({ isFlat }) => isFlat) ? 0 : 1;
  } finally {
    await stack.close();
  }
}

/** Says every tenth of the way how far it is. */
function progress(count: number): (answered: number) => void {
  let tenths = 0;
  return (answered) => {
    const reached = Math.floor((answered * 10) / count);
    if (reached > tenths) console.error(`${answered} answered`);
    tenths = reached;
  };
}

await runCommand({
  name: 'fuzz',
  call: 'npm run -s fuzz',
  help,
  options,
  // 1 is for requests that are not answered well.
  faultStatus: 2,
  run: main,
});
