import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Ended } from '../commands/command.ts';
import { runOperatorCommand } from '../operate/operator-command.ts';
import type { StepResult } from '../../tools/smoke/steps.ts';

/** Runs the smoke test as a user does. */
export function smoke(flags: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return runOperatorCommand('tools/smoke.ts', flags, environment);
}

/** What came of a smoke test, its report too. */
export type SmokeRun = Ended & { readonly steps: readonly StepResult[]; readonly json: string };

/** Runs the smoke test with `--json`, and gives its report too. */
export async function smokeReport(flags: readonly string[]): Promise<SmokeRun> {
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
