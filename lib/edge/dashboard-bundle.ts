import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { ISource } from 'aws-cdk-lib/aws-s3-deployment';
import { buildSync } from 'esbuild';

const projectRoot = join(import.meta.dirname, '..', '..');
const dashboard = join(projectRoot, 'dashboard');

/**
 * Gives the files of the page at `/`: everything in `dashboard/` but the sources, and these bundled as `board.js`.
 * @throws {Error} with esbuild's messages when a source does not build.
 */
export function dashboardBundle(): ISource {
  return Source.asset(dashboard, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // The type requires an image; the local bundling below always does the work, so it is never pulled.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(directory: string): boolean {
          for (const name of readdirSync(dashboard)) {
            if (extname(name) !== '.ts') copyFileSync(join(dashboard, name), join(directory, name));
          }
          const [script] = buildSync({
            entryPoints: ['dashboard/board.ts'],
            absWorkingDir: projectRoot,
            write: false,
            bundle: true,
            platform: 'browser',
            format: 'esm',
            target: 'es2022',
            minify: true,
            logLevel: 'warning',
          }).outputFiles;
          if (script === undefined) throw new TypeError('esbuild gave no file for dashboard/board.ts');
          writeFileSync(join(directory, 'board.js'), script.contents);
          return true;
        },
      },
    },
  });
}
