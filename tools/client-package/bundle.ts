import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { entrySources, manifest } from './entries.ts';

/** Browsers of the last two years. */
const target = ['chrome130', 'edge130', 'firefox132', 'safari18'];

/** What an entry may weigh, with all that it imports but React. */
export const sizeLimit = 6 * 1024;

/** A minified bundle of one entry, with its dependencies and without React. */
export interface Bundle {
  readonly code: Uint8Array;
  /** Source map, JSON. */
  readonly map: Uint8Array;
}

/**
 * Bundles an entry for browsers.
 * @param entry as in the exports of client/package.json.
 * @param file where it goes: the sources in the map are named from there.
 * @throws esbuild's messages when a source does not build.
 */
export async function bundleEntry(entry: string, file: string): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [entrySources().get(entry)!],
    outfile: file,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target,
    external: Object.keys(manifest.peerDependencies),
    sourcemap: 'linked',
    legalComments: 'none',
    banner: { js: `/* ${manifest.name} ${manifest.version}: see LICENSE and dist/browser.LICENSE.txt */` },
    logLevel: 'silent',
  });
  const [map, code] = outputFiles;
  return { code: code!.contents, map: map!.contents };
}

/** Bytes of each entry as a server sends it, by gzip. */
export async function entrySizes(): Promise<ReadonlyMap<string, number>> {
  const entries = [...entrySources().keys()];
  const sizes = entries.map(async (entry) => {
    const { code } = await bundleEntry(entry, 'browser.js');
    return [entry, gzipSync(code, { level: 9 }).length] as const;
  });
  return new Map(await Promise.all(sizes));
}
