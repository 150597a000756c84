import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';

/**
 * Starts npm: the one that runs this process, where it does, else the one on PATH. On Windows that is a batch file, which
 * only a shell can start.
 * @param npmArguments without anything that a shell could take for its own.
 */
export function startNpm(npmArguments: readonly string[], options: SpawnOptions): ChildProcess {
  const { env = process.env } = options;
  const script = env.npm_execpath;
  // Another package manager names itself in this variable too.
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script)) {
    return spawn(process.execPath, [script, ...npmArguments], { ...options, env });
  }
  return spawn('npm', npmArguments, { ...options, env, shell: process.platform === 'win32' });
}

/**
 * Runs npm.
 * @returns its exit code.
 * @throws {Error} when it cannot be started.
 */
export async function runNpm(npmArguments: readonly string[], options: SpawnOptions): Promise<number | null> {
  const npm = startNpm(npmArguments, options);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  npm.once('error', reject);
  npm.once('close', resolve);
  return promise;
}
