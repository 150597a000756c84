/** `npm run -s faults`: injects each fault on the real parts, and prints what became of the changes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exitWith } from '../local/command-line.ts';
import { synthesizeLocalStage } from '../local/synthesize.ts';
import { runMatrix } from './matrix.ts';
import { help, readOptions } from './options.ts';
import { formatTable } from './report.ts';

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    console.log(help);
    return;
  }
  const { seed, rows, scale, json } = options;
  console.log(`seed ${seed}`);
  const assembly = mkdtempSync(path.join(tmpdir(), 'taskwire-faults-'));
  process.once('exit', () => rmSync(assembly, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  await synthesizeLocalStage(assembly, 'off');
  const results = await runMatrix(rows, {
    assembly,
    seed,
    scale,
    onRow: ({ name, seconds, findings }) =>
      console.error(`${findings.length === 0 ? '✓' : '✗'} ${name}: ${seconds.toFixed(1)} s`),
  });
  console.log(formatTable(results));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ seed, scale, results }, undefined, 2)}\n`);
  if (results.some(({ findings }) => findings.length > 0)) process.exitCode = 1;
}

main().catch(exitWith);
