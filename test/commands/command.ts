import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { inspectLog } from '../secrets/log-watch.ts';

export const project = path.join(import.meta.dirname, '..', '..');

/** What a run of a command gave. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a command by its file, as its script in package.json does. */
export function startCommand(
  file: string,
  flags: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): ChildProcessWithoutNullStreams {
  const check = path.join(project, 'tools', 'check-node.cjs');
  return spawn(process.execPath, ['--require', check, path.join(project, file), ...flags], {
    cwd: project,
    env: environment,
  });
}

/** Resolves when a command has ended, with what it has printed from now on. */
export async function ending(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Runs a command to its end. */
export async function runCommandFile(
  file: string,
  flags: readonly string[],
  environment?: NodeJS.ProcessEnv,
): Promise<Ended> {
  const ended = await ending(startCommand(file, flags, environment));
  // The one that prints a token prints nothing else.
  if (!file.endsWith('token.ts')) inspectLog(file, ended.stdout + ended.stderr);
  return ended;
}
