import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code, WebFunctionCode } from 'aws-cdk-lib/aws-lambda';
import type { AssetOptions } from 'aws-cdk-lib/aws-s3-assets';
import { buildSync } from 'esbuild';
import type { OutputFile } from 'esbuild';
import { functionNames } from './function-names.ts';
import type { FunctionName } from './function-names.ts';

const projectRoot = join(import.meta.dirname, '..', '..');

/** The host of many streams, which is a program and not a handler. */
const streamHost = { name: 'stream-host', source: 'lambdas/stream/serve.ts' } as const;

let bundled: readonly OutputFile[] | undefined;

/**
 * Gives all bundles: `<name>/index.mjs`, its source map and the licences of what it contains.
 * All in one build, and once a process, because parsing the shared SDK is most of the work. Throws with
 * esbuild's messages when a source does not build.
 */
function bundles(): readonly OutputFile[] {
  bundled ??= buildSync({
    entryPoints: [
      ...functionNames.map((name) => ({ in: `lambdas/${name}/handler.ts`, out: `${name}/index` })),
      { in: streamHost.source, out: `${streamHost.name}/index` },
    ],
    absWorkingDir: projectRoot,
    // Only a name, nothing is written there: paths in the source maps are relative to it, so that the bundles
    // are the same wherever the assembly goes.
    outdir: 'cdk.out/functions',
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // ES modules in and out, and the SDK in the bundle rather than the runtime's: only then are unused SDK
    // commands dropped, and the version is the one that was tested.
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'linked',
    logLevel: 'warning',
  }).outputFiles;
  return bundled;
}

/**
 * Gives the deployable code of the function in `lambdas/<name>/handler.ts`, bundled on this machine.
 *
 * esbuild is called in this process and not through NodejsFunction. That construct starts it once a function by
 * way of npx, which would be most of the time that `npm start` takes, and its source maps, and so the hash of
 * the asset, depend on where the output goes.
 */
export function functionBundle(name: FunctionName): Code {
  return Code.fromAsset(join(projectRoot, 'lambdas', name), bundling(name));
}

/** As `functionBundle`, of the program that hosts many streams. */
export function streamHostBundle(): WebFunctionCode {
  return WebFunctionCode.fromAssetToManagedBucket(
    join(projectRoot, 'lambdas', 'stream'),
    bundling(streamHost.name),
  );
}

/** Writes the same into a directory. */
export function writeStreamHost(directory: string): void {
  writeBundle(streamHost.name, directory);
}

function writeBundle(name: string, directory: string): void {
  for (const { path, contents } of bundles()) {
    if (basename(dirname(path)) === name) writeFileSync(join(directory, basename(path)), contents);
  }
}

function bundling(name: string): AssetOptions {
  return {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // The type requires an image; the local bundling below always does the work, so it is never pulled.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(directory: string): boolean {
          writeBundle(name, directory);
          return true;
        },
      },
    },
  };
}
