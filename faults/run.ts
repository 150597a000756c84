/** `npm run -s faults`: injects each fault on the real parts, and prints what became of the changes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../commands/command-line.ts';
import { synthesizeLocalStage } from '../local/template/synthesize.ts';
import type { RowResult } from './matrix/matrix.ts';
import { runMatrix } from './matrix/matrix.ts';
import type { FaultOptions } from './matrix/options.ts';
import { help, options as commandOptions, readOptions } from './matrix/options.ts';
import { exitCodeOf, formatTable } from './matrix/report.ts';
import { soak } from './matrix/soak.ts';

async function main(options: FaultOptions): Promise<number> {
  const { seed, scale, soakMinutes, json, host } = options;
  console.log(`seed ${seed}`);
  const assembly = mkdtempSync(path.join(tmpdir(), 'taskwire-faults-'));
  process.once('exit', () => rmSync(assembly, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  await synthesizeLocalStage(assembly, { streamHost: host });
  const results =
    soakMinutes === undefined ? await runRows(options, assembly) : await runSoak(options, assembly);
  console.log(formatTable(results));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ seed, scale, results }, undefined, 2)}\n`);
  return exitCodeOf(results);
}

function runRows({ rows, seed, scale }: FaultOptions, assembly: string): Promise<RowResult[]> {
  return runMatrix(rows, { assembly, seed, scale, onRow: (result) => console.error(progress(result)) });
}

async function runSoak(
  { rows, seed, soakMinutes = 0 }: FaultOptions,
  assembly: string,
): Promise<readonly RowResult[]> {
  const { results, memory } = await soak({
    assembly,
    seed,
    minutes: soakMinutes,
    rows,
    onWindow: (result, seconds) => console.error(`${seconds.toFixed(0).padStart(5)} s ${progress(result)}`),
  });
  for (const line of memory) console.log(line);
  return results;
}

function progress({ name, seconds, findings }: RowResult): string {
  return `${findings.length === 0 ? '✓' : '✗'} ${name}: ${seconds.toFixed(1)} s`;
}

await runCommand({
  name: 'faults',
  call: 'npm run -s faults',
  help,
  options: commandOptions,
  run: (flags) => main(readOptions(flags)),
});
