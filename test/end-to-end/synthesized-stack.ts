import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LocalStackOptions } from '../../local/stack.ts';
import { synthesize } from '../../local/template/synthesize.ts';
import { TestStack } from './stack.ts';

/**
 * Starts a stack of the stage `local` with other settings than its own, such as `{ edge: 'on' }`. Its functions cannot start
 * again: what they were loaded from is gone.
 * @param settings as under `stages.local` in cdk.json.
 */
export async function startWith(
  settings: Readonly<Record<string, unknown>>,
  options: Partial<LocalStackOptions> = {},
): Promise<TestStack> {
  const assembly = newAssembly();
  try {
    return await startIn(assembly, settings, options);
  } finally {
    // The functions have loaded their bundles.
    rmSync(assembly, { recursive: true, force: true });
  }
}

/** A directory for {@link startIn}, which whoever asks for it removes. */
export function newAssembly(): string {
  return mkdtempSync(path.join(tmpdir(), 'taskwire-settings-'));
}

/** As {@link startWith}, from a directory that stays. */
export function startIn(
  assembly: string,
  settings: Readonly<Record<string, unknown>>,
  options: Partial<LocalStackOptions> = {},
): Promise<TestStack> {
  const synthesizeThere = async (): Promise<string> => {
    const { exitCode, output } = await synthesize(assembly, {
      stage: 'local',
      stages: { local: settings },
    });
    if (exitCode !== 0) throw new Error(output);
    return assembly;
  };
  // The stack binds its port before it has this done, which takes seconds.
  return TestStack.start({ assembly: synthesizeThere, ...options });
}
