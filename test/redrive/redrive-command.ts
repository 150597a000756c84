import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const script = path.join(import.meta.dirname, '..', '..', 'scripts', 'redrive.ts');

/** What a run of the command gave. */
export interface RedriveRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the redrive as an operator does, with nothing of AWS in its environment but what is given. */
export async function redrive(
  flags: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<RedriveRun> {
  const child = spawn(process.execPath, [script, ...flags], {
    env: { PATH: process.env['PATH'], ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
