/** `npm run bench`: plain numbers of the bundles and of the local stack under load. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { exitWith } from '../local/command-line.ts';
import { synthesizeLocalStage } from '../local/synthesize.ts';
import { measureBundles } from './bundles.ts';
import { startPartner } from './conversation.ts';
import type { BenchOptions } from './options.ts';
import { help, readOptions } from './options.ts';
import { formatReport } from './report.ts';
import type { BenchResult, DeployedFunction, ScenarioResult } from './results.ts';
import type { ScenarioAnswer, ScenarioPlan } from './scenario.ts';

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    console.log(help);
    return;
  }
  const assembly = mkdtempSync(path.join(tmpdir(), 'taskwire-bench-'));
  process.once('exit', () => rmSync(assembly, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  console.error('synthesizing the template ...');
  await synthesizeLocalStage(assembly, 'off');
  const result = await measure(options, assembly);
  console.log(formatReport(result));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(result, undefined, 2)}\n`);
}

async function measure(options: BenchOptions, assembly: string): Promise<BenchResult> {
  const { rate, seconds, environment, profileDirectory } = options;
  const scenarios: ScenarioResult[] = [];
  let functions: readonly DeployedFunction[] = [];
  for (const streams of options.streams) {
    console.error(`${streams} streams, ${rate} writes/s, ${seconds} s ...`);
    const answer = await runScenario({ assembly, streams, rate, seconds, environment, profileDirectory });
    scenarios.push(answer.result);
    ({ functions } = answer);
  }
  console.error('loading the functions ...');
  return {
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    rate,
    seconds,
    environment,
    bundles: await measureBundles(functions),
    scenarios,
  };
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

main().catch(exitWith);
