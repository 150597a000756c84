import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import type { FunctionName } from './function-names.ts';

const projectRoot = join(import.meta.dirname, '..');

/**
 * Writes `index.mjs`, its source map and the licences of what it contains into the directory. Throws with
 * esbuild's messages when the source does not build.
 */
function bundleInto(directory: string, name: FunctionName): void {
  const { outputFiles } = buildSync({
    entryPoints: [`lambdas/${name}/handler.ts`],
    absWorkingDir: projectRoot,
    // Only a name, nothing is written there: paths in the source map are relative to it, so the bundle is
    // the same wherever the assembly goes.
    outfile: 'cdk.out/function/index.mjs',
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
  });
  for (const file of outputFiles) {
    writeFileSync(join(directory, file.path.slice(file.path.lastIndexOf('index.mjs'))), file.contents);
  }
}

/**
 * Gives the deployable code of the function in `lambdas/<name>/handler.ts`, bundled on this machine.
 *
 * esbuild is called in this process and not through NodejsFunction, which starts it by way of npx once a
 * function: that would be most of the time that `npm start` takes, and its source maps depend on where the
 * output goes.
 */
export function functionBundle(name: FunctionName): Code {
  return Code.fromAsset(join(projectRoot, 'lambdas', name), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Required by the type; never used, because the local bundling below always does the work.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(directory: string): boolean {
          bundleInto(directory, name);
          return true;
        },
      },
    },
  });
}
