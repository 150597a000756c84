/** `npm run -s fuzz`: random requests to every endpoint of a local stack; exits 1 for any that is not answered well. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLocalStack } from '../local/stack.ts';
import { synthesizeLocalStage } from '../local/synthesize.ts';
import { readOptions, UsageError } from './command-line.ts';
import { memoryGrowth } from './fuzz/memory.ts';
import { describeFailure, describeReport } from './fuzz/report.ts';
import { fuzz, fuzzEnvironment } from './fuzz/run.ts';
import { findSecret } from './secrets/find-secrets.ts';

const help = `npm run -s fuzz -- [--count N] [--seed S] [--edge on|off]

  --count N       requests (default 100000); fewer than some thousands do not reach everything, which counts as failed
  --seed S        whole number that all requests follow from (default: by the clock)
  --edge on|off   whether they go through the edge (default off)`;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    edge: { type: 'string', default: 'off' },
    help: { type: 'boolean', short: 'h' },
  });
  if (options.help === true) {
    console.log(help);
    return 0;
  }
  const count = wholeNumber('--count', options.count);
  const seed = wholeNumber('--seed', options.seed);
  const { edge } = options;
  if (edge !== 'on' && edge !== 'off')
    throw new UsageError(`--edge takes on or off, not ${JSON.stringify(edge)}`);
  const assembly = mkdtempSync(path.join(tmpdir(), 'taskwire-fuzz-'));
  process.once('exit', () => rmSync(assembly, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const leaks = new Set<string>();
  console.log(`${count} requests, seed ${seed}, edge ${edge}`);
  await synthesizeLocalStage(assembly, edge);
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

function wholeNumber(option: string, text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 1))
    throw new UsageError(`${option} takes a whole number from 1, not ${JSON.stringify(text)}`);
  return value;
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

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof UsageError ? `fuzz: ${error.message}\n\n${help}` : error);
  process.exitCode = 2;
}
