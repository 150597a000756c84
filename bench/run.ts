/** `npm run bench`: plain numbers of the bundles and of the local stack under load. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../commands/command-line.ts';
import { withNumbers } from '../commands/document-numbers.ts';
import { streamHosts, synthesizeLocalStage } from '../local/template/synthesize.ts';
import { measureBundles } from './bundles.ts';
import { startPartner } from './conversation.ts';
import { idleTable, numbersOf } from './document.ts';
import type { IdlePlan } from './idle-scenario.ts';
import type { BenchOptions } from './options.ts';
import { flags as commandFlags, help, mostStreamsOn, rateOf, readOptions } from './options.ts';
import { installPeers } from './peers/packages.ts';
import { formatBundles, formatMachine, formatScenarios } from './report.ts';
import type { BenchResult, DeployedFunction, IdleResult } from './results.ts';
import { isPeer } from './results.ts';
import type { ScenarioAnswer, ScenarioPlan } from './scenario.ts';

const scenarioModule = new URL('scenario.ts', import.meta.url);
const idleModule = new URL('idle-scenario.ts', import.meta.url);
const documentFile = new URL('../docs/PERFORMANCE.md', import.meta.url);
const figuresFile = new URL('../docs/performance.json', import.meta.url);

async function main(options: BenchOptions): Promise<void> {
  const assemblies = mkdtempSync(path.join(tmpdir(), 'taskwire-bench-'));
  process.once('exit', () => rmSync(assemblies, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  for (const streamHost of streamHosts) {
    if (!options.subjects.includes(streamHost)) continue;
    console.error(`synthesizing the template with ${streamHost} ...`);
    await synthesizeLocalStage(path.join(assemblies, streamHost), { streamHost });
  }
  if (options.subjects.some((each) => isPeer(each))) await installPeers();
  if (options.idleSeconds === undefined) await measure(options, assemblies);
  else await measureIdle(options, options.idleSeconds, assemblies);
}

/** As stages poll by default that are deployed: on a laptop the local one does so some fifty times as often. */
const deployedPace = { POLL_MIN_MS: '250', POLL_MAX_MS: '1000' };

/** Idle streams hardly do anything: all numbers and hosts at the same time. */
async function measureIdle(options: BenchOptions, seconds: number, assemblies: string): Promise<void> {
  const { subjects, streams, environment, json } = options;
  const plans = subjects.flatMap((host) =>
    isPeer(host)
      ? []
      : streams.map((count): IdlePlan => {
          const assembly = path.join(assemblies, host);
          return {
            host,
            assembly,
            streams: count,
            seconds,
            environment: { ...deployedPace, ...environment },
          };
        }),
  );
  console.error(`idle streams, ${seconds} s ...`);
  const idle = await Promise.all(plans.map((plan) => answerOf<IdleResult>(idleModule, plan)));
  console.log(idleTable(idle));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(idle, undefined, 2)}\n`);
  if (options.writesTables) writeDocument({ ...readFigures(), idle });
}

function readFigures(): BenchResult {
  return JSON.parse(readFileSync(figuresFile, 'utf8')) as BenchResult;
}

function writeDocument(result: BenchResult): void {
  writeFileSync(figuresFile, `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(documentFile, withNumbers(readFileSync(documentFile, 'utf8'), numbersOf(result), 'bench'));
}

/** Prints and writes each figure as soon as it is measured: whatever fails later takes none of them along. */
async function measure(options: BenchOptions, assemblies: string): Promise<void> {
  const { held, rate, seconds, warmUpSeconds, environment, profileDirectory, json } = options;
  let result: BenchResult = {
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    rate,
    seconds,
    warmUpSeconds,
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
  const plans = options.streams.flatMap((streams) =>
    options.subjects
      .filter((subject) => streams + held <= mostStreamsOn(subject))
      .map((subject): ScenarioPlan => {
        const assembly = path.join(assemblies, subject);
        const load = { streams, held, rate: rateOf(options, streams), seconds, warmUpSeconds };
        return { subject, assembly, ...load, environment, profileDirectory };
      }),
  );
  for (const plan of plans) {
    console.error(`\n${plan.subject}: ${plan.streams} streams, ${plan.rate} writes/s, ${seconds} s ...`);
    const answer = await answerOf<ScenarioAnswer>(scenarioModule, plan);
    keep({ scenarios: [...result.scenarios, answer.result] });
    console.log(`\n${formatScenarios({ ...result, scenarios: [answer.result] })}`);
    if (functions.length === 0) ({ functions } = answer);
  }
  console.error('\nloading the functions ...');
  keep({ bundles: await measureBundles(functions, options.loads) });
  console.log(`\n${formatBundles(result)}`);
  if (result.scenarios.length > 1) console.log(`\nAll together\n\n${formatScenarios(result)}`);
  if (!options.writesTables) return;
  const known = readFigures();
  // Idle streams are measured apart, and those that are held.
  if (held > 0) writeDocument({ ...known, held: result.scenarios });
  else writeDocument({ ...result, idle: known.idle ?? [], held: known.held ?? [] });
}

/** Each scenario has processes of its own, so that none inherits the memory and the heat of another. */
async function answerOf<Answer>(module: URL, plan: ScenarioPlan | IdlePlan): Promise<Answer> {
  const scenario = startPartner(module);
  try {
    scenario.say('plan', plan);
    return await scenario.hear<Answer>('answer');
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
