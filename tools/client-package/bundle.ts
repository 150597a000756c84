import { gzipSync } from 'node:zlib';
import type { BuildOptions, Plugin } from 'esbuild';
import { build } from 'esbuild';
import { entrySources, manifest } from './entries.ts';

/**
 * Path of an entry → what a page may load for it, in bytes by gzip, besides what its users install themselves: React, a
 * library for sign-in. A little more than it is.
 */
const sizeLimits: Readonly<Record<string, number>> = {
  '.': 5.75 * 1024,
  './store': 4.75 * 1024,
  './presence': 2.75 * 1024,
  // It has the first in it.
  './react': 6.5 * 1024,
  './sign-in': 2.5 * 1024,
};

/** For browsers of the last two years. */
const settings = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome130', 'edge130', 'firefox132', 'safari18'],
  external: Object.keys(manifest.peerDependencies),
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions;

/**
 * Writes the first entry, with all that it depends on, as one minified file and its source map.
 * @throws esbuild's messages when a source does not build.
 */
export async function bundleForBrowsers(file: string): Promise<void> {
  await build({
    ...settings,
    entryPoints: [entrySources().get('.')!],
    outfile: file,
    sourcemap: 'linked',
    banner: { js: `/* ${manifest.name} ${manifest.version}: see LICENSE */` },
  });
}

/** What an entry weighs, in bytes as a server sends them by gzip. */
export interface EntrySize {
  /** What a page loads that imports it. */
  readonly atOnce: number;
  /** What is loaded besides where it is used, as bundlers keep apart what `import()` names. */
  readonly later: number;
  /** What it may weigh at once. */
  readonly limit: number;
}

/** Path of an entry → what it weighs, minified. */
export async function entrySizes(): Promise<ReadonlyMap<string, EntrySize>> {
  const sizes = [...entrySources()].map(async ([entry, file]) => {
    const atOnce = await sizeOf(file, [leaveLater]);
    return [entry, { atOnce, later: (await sizeOf(file)) - atOnce, limit: sizeLimits[entry] ?? 0 }] as const;
  });
  return new Map(await Promise.all(sizes));
}

/** Leaves out what is imported where it is used. */
const leaveLater: Plugin = {
  name: 'leave-later',
  setup: (bundling) => {
    bundling.onResolve({ filter: /^\./ }, ({ kind, path: file }) =>
      kind === 'dynamic-import' ? { path: file, external: true } : undefined,
    );
  },
};

async function sizeOf(source: string, plugins: Plugin[] = []): Promise<number> {
  const { outputFiles } = await build({ ...settings, entryPoints: [source], plugins, write: false });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}
