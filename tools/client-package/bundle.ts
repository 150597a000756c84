import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BuildOptions } from 'esbuild';
import { build } from 'esbuild';
import { entrySources, manifest, project } from './entries.ts';

/** What a page may load for an entry, by gzip, besides what its users install themselves: React, a library for sign-in. */
export const sizeLimit = 6 * 1024;

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
    banner: { js: `/* ${manifest.name} ${manifest.version}: see LICENSE and dist/browser.LICENSE.txt */` },
  });
}

/** What an entry weighs, in bytes as a server sends them by gzip. */
export interface EntrySize {
  /** What a page loads that imports it. */
  readonly atOnce: number;
  /** What is loaded where it is used, as bundlers keep apart what `import()` names. */
  readonly later: number;
}

/** Path of an entry → what it weighs, minified. */
export async function entrySizes(): Promise<ReadonlyMap<string, EntrySize>> {
  const sizes = [...entrySources()].map(async ([entry, file]) => [entry, await sizeOf(file)] as const);
  return new Map(await Promise.all(sizes));
}

async function sizeOf(source: string): Promise<EntrySize> {
  const { metafile, outputFiles } = await build({
    ...settings,
    absWorkingDir: project,
    entryPoints: { entry: source },
    outdir: '.',
    splitting: true,
    write: false,
    metafile: true,
  });
  const atOnce = new Set(['entry.js']);
  for (const name of atOnce) {
    const { imports } = metafile.outputs[name]!;
    for (const { kind, path: file, external } of imports) {
      if (kind === 'import-statement' && external !== true) atOnce.add(file);
    }
  }
  const sizes = { atOnce: 0, later: 0 };
  for (const { path: file, contents } of outputFiles) {
    const isAtOnce = atOnce.has(path.relative(project, file));
    sizes[isAtOnce ? 'atOnce' : 'later'] += gzipSync(contents, { level: 9 }).length;
  }
  return sizes;
}
