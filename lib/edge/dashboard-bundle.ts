import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { ISource } from 'aws-cdk-lib/aws-s3-deployment';

const projectRoot = join(import.meta.dirname, '..', '..');

/**
 * Gives the files of the page at `/`, as Vite builds them of `dashboard/`.
 * @throws {Error} when they do not build; Vite has said why.
 */
export function dashboardBundle(): ISource {
  return Source.asset(join(projectRoot, 'dashboard'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // The type requires an image; the local bundling below always does the work, so it is never pulled.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(directory: string): boolean {
          const vite = join(projectRoot, 'node_modules', 'vite', 'bin', 'vite.js');
          // The assembly waits for it, and Vite builds asynchronously: so it has a process of its own.
          execFileSync(
            process.execPath,
            [vite, 'build', 'dashboard', '--outDir', directory, '--emptyOutDir'],
            { cwd: projectRoot, stdio: ['ignore', 'ignore', 'inherit'] },
          );
          return true;
        },
      },
    },
  });
}
