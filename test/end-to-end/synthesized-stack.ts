import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LocalStackOptions } from '../../local/stack.ts';
import { synthesize } from '../../local/template/synthesize.ts';
import { TestStack } from './stack.ts';

/** A directory of its own for a cloud assembly. */
export function assemblyDirectory(): string {
  return mkdtempSync(path.join(tmpdir(), 'taskwire-settings-'));
}

/**
 * Synthesizes the stage `local` with other settings than its own.
 * @param settings as under `stages.local` in cdk.json.
 * @returns the directory.
 */
export async function synthesizeWith(
  directory: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { exitCode, output } = await synthesize(directory, { stage: 'local', stages: { local: settings } });
  if (exitCode !== 0) throw new Error(output);
  return directory;
}

/**
 * Starts a stack of the stage `local` with other settings than its own, such as `{ edge: 'on' }`. Its functions cannot be
 * started again: the assembly goes as soon as they have loaded their bundles.
 * @param settings as under `stages.local` in cdk.json.
 */
export async function startWith(
  settings: Readonly<Record<string, unknown>>,
  options: Partial<LocalStackOptions> = {},
): Promise<TestStack> {
  const directory = assemblyDirectory();
  try {
    return await startIn(directory, settings, options);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** As {@link startWith}, from a directory that stays: its functions can be started again. */
export function startIn(
  directory: string,
  settings: Readonly<Record<string, unknown>>,
  options: Partial<LocalStackOptions> = {},
): Promise<TestStack> {
  // The stack binds its port before it has this done, which takes seconds.
  return TestStack.start({ assembly: () => synthesizeWith(directory, settings), ...options });
}
