import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { CommandError } from '../../commands/command-error.ts';

const source = import.meta.dirname;
const installed = path.join(source, '..', '..', '.taskwire', 'peers');
const lock = 'package-lock.json';

/**
 * Installs what the benchmark is held against in a folder of its own, where it is not there yet.
 * @throws {CommandError} with what npm says.
 */
export async function installPeers(): Promise<void> {
  const [wanted, there] = await Promise.all(
    [source, installed].map((directory) =>
      readFile(path.join(directory, lock), 'utf8').catch(() => undefined),
    ),
  );
  if (wanted === there) return;
  await rm(installed, { recursive: true, force: true });
  await mkdir(installed, { recursive: true });
  await copyFile(path.join(source, 'package.json'), path.join(installed, 'package.json'));
  await copyFile(path.join(source, lock), path.join(installed, lock));
  try {
    await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: installed });
  } catch (error) {
    await rm(installed, { recursive: true, force: true });
    const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string };
    throw new CommandError(`the peers cannot be installed: ${stderr.split('\n')[0] || message}`, {
      cause: error,
    });
  }
}

/** Loads an installed package of that folder. */
export function requirePeer(name: string): unknown {
  return createRequire(path.join(installed, 'package.json'))(name);
}
