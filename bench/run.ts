/** `npm run bench`: plain numbers of the bundles and of the local stack under load. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../commands/command-line.ts';
import { synthesizeLocalStage } from '../local/template/synthesize.ts';
import { measureBundles } from './bundles.ts';
import { startPartner } from './conversation.ts';
import type { BenchOptions } from './options.ts';
import { flags as commandFlags, help, readOptions } from './options.ts';
import { formatBundles, formatMachine, formatScenarios } from './report.ts';
import type { BenchResult, DeployedFunction } from './results.ts';
import type { ScenarioAnswer, ScenarioPlan } from './scenario.ts';

async function main(options: BenchOptions): Promise<void> {
  const assembly = mkdtempSync(path.join(tmpdir(), 'taskwire-bench-'));
  process.once('exit', () => rmSync(assembly, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  console.error('synthesizing the template ...');
  await synthesizeLocalStage(assembly);
  await measure(options, assembly);
}

/** Prints and writes each figure as soon as it is measured: whatever fails later takes none of them along. */
async function measure(options: BenchOptions, assembly: string): Promise<void> {
  const { rate, seconds, environment, profileDirectory, json } = options;
  let result: BenchResult = {
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    rate,
    seconds,
    environment,
    bundles: [],
    scenarios: [],
  };
  const keep = (more: Partial<BenchResult>): void => {
    result = { ...result, ...more };
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, undefined, 2)}\n`);
  };
  console.log(formatMachine(result));
  let functions: readonly DeployedFunction[] = [];
  for (const streams of options.streams) {
    console.error(`\n${streams} streams, ${rate} writes/s, ${seconds} s ...`);
    const answer = await runScenario({ assembly, streams, rate, seconds, environment, profileDirectory });
    keep({ scenarios: [...result.scenarios, answer.result] });
    console.log(`\n${formatScenarios({ ...result, scenarios: [answer.result] })}`);
    ({ functions } = answer);
  }
  console.error('\nloading the functions ...');
  keep({ bundles: await measureBundles(functions, options.loads) });
  console.log(`\n${formatBundles(result)}`);
  if (result.scenarios.length > 1) console.log(`\nAll together\n\n${formatScenarios(result)}`);
}

/** Each scenario has processes of its own, so that none inherits the memory and the heat of another. */
async function runScenario(plan: ScenarioPlan): Promise<ScenarioAnswer> {
  const scenario = startPartner(new URL('scenario.ts', import.meta.url));
  try {
    scenario.say('plan', plan);
    return await scenario.hear<ScenarioAnswer>('answer');
  } finally {
    await scenario.end();
  }
}

await runCommand({
  name: 'bench',
  call: 'npm run bench',
  help,
  options: commandFlags,
  run: (flags) => main(readOptions(flags)),
});
