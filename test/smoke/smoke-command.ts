import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspectLog } from '../secrets/log-watch.ts';
import type { StepResult } from '../../scripts/smoke/steps.ts';

const script = path.join(import.meta.dirname, '..', '..', 'scripts', 'smoke.ts');

/** What a run of the command gave. */
export interface SmokeRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the smoke test as a user does. */
export async function smoke(
  flags: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<SmokeRun> {
  const child = spawn(process.execPath, [script, ...flags], {
    env: { PATH: process.env['PATH'], ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  inspectLog('npm run smoke', stdout + stderr);
  return { code, stdout, stderr };
}

/** Runs the smoke test with `--json`, and gives its report too. */
export async function smokeReport(
  flags: readonly string[],
): Promise<SmokeRun & { readonly steps: readonly StepResult[]; readonly json: string }> {
  const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-smoke-'));
  try {
    const file = path.join(directory, 'report.json');
    const run = await smoke([...flags, '--json', file]);
    const json = readFileSync(file, 'utf8');
    const { steps } = JSON.parse(json) as { readonly steps: readonly StepResult[] };
    return { ...run, steps, json };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
