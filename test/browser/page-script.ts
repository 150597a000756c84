import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { buildSync } from 'esbuild';

const scripts = new Map<string, string>();

/**
 * A source and what it imports as one script, which a page can be made to run; built once.
 * @param entry its path from the root of the repository.
 */
export function pageScript(entry: string, options: BuildOptions = {}): string {
  const built = scripts.get(entry);
  if (built !== undefined) return built;
  const [script] = buildSync({
    ...options,
    entryPoints: [entry],
    absWorkingDir: join(import.meta.dirname, '..', '..'),
    write: false,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
  }).outputFiles;
  scripts.set(entry, script!.text);
  return script!.text;
}
