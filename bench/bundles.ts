import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { BundleResult, DeployedFunction } from './results.ts';

const runs = 9;
const moduleInit = fileURLToPath(new URL('module-init.ts', import.meta.url));
const start = promisify(execFile);

/** Measures the code that a deploy would upload: its size (without source maps), and the time to load it. */
export async function measureBundles(functions: readonly DeployedFunction[]): Promise<BundleResult[]> {
  const results: BundleResult[] = [];
  for (const { name, bundleDirectory, environment } of functions) {
    const bundle = path.join(bundleDirectory, 'index.mjs');
    const code = readFileSync(bundle);
    const times: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const { stdout } = await start(process.execPath, [moduleInit, bundle], {
        env: { ...environment, AWS_REGION: 'us-east-1' },
      });
      times.push(Number(stdout));
    }
    results.push({ name, bytes: code.length, gzipBytes: gzipSync(code).length, initMs: median(times) });
  }
  return results.toSorted((a, b) => a.name.localeCompare(b.name));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
