import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { shorten } from '../commands/fault-text.ts';
import { CommandError } from '../commands/command-error.ts';
import type { BundleResult, DeployedFunction } from './results.ts';

const moduleInit = fileURLToPath(new URL('module-init.ts', import.meta.url));
const start = promisify(execFile);

/**
 * Measures the code that a deploy would upload: its size (without source maps), and the time to load it.
 * @param loads how often each is loaded; the median counts.
 * @throws {CommandError} for one that does not load.
 */
export async function measureBundles(
  functions: readonly DeployedFunction[],
  loads: number,
): Promise<BundleResult[]> {
  const results: BundleResult[] = [];
  for (const { name, bundleDirectory, environment } of functions) {
    const bundle = path.join(bundleDirectory, 'index.mjs');
    const code = readFileSync(bundle);
    const times: number[] = [];
    for (let load = 0; load < loads; load += 1) {
      const { stdout } = await start(process.execPath, [moduleInit, bundle], { env: environment }).catch(
        (error: unknown) => {
          throw new CommandError(`the function ${name} does not load: ${errorLine(error)}`, { cause: error });
        },
      );
      times.push(Number(stdout));
    }
    results.push({ name, bytes: code.length, gzipBytes: gzipSync(code).length, initMs: median(times) });
  }
  return results.toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The line that names the error, of all that a process prints at its end: the rest may be the code of a bundle. */
function errorLine(error: unknown): string {
  const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string };
  return shorten(stderr.split('\n').find((line) => /^\w*(Error|Exception)\b.*: /.test(line)) ?? message);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
