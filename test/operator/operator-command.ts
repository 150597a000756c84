import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { inspectLog } from '../secrets/log-watch.ts';

const operate = path.join(import.meta.dirname, '..', '..', 'operate');

/** What a run of the command gave. */
export interface CommandRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as an operator does, with nothing of AWS in its environment but what is given. */
export async function runCommand(
  name: 'redrive' | 'drain' | 'smoke',
  flags: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<CommandRun> {
  const child = spawn(process.execPath, [path.join(operate, `${name}.ts`), ...flags], {
    env: { PATH: process.env['PATH'], ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  inspectLog(`npm run ${name}`, stdout + stderr);
  return { code, stdout, stderr };
}
