import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { ISource } from 'aws-cdk-lib/aws-s3-deployment';

const projectRoot = join(import.meta.dirname, '..', '..');

/**
 * Gives the files of the page at `/`, as Vite builds them.
 * @param directory the page's sources, with Vite's configuration for them.
 * @throws {Error} with what Vite has said when they do not build.
 */
export function dashboardBundle(directory: string = join(projectRoot, 'dashboard')): ISource {
  return Source.asset(directory, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // The type requires an image; the local bundling below always does the work, so it is never pulled.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(output: string): boolean {
          build(directory, output);
          return true;
        },
      },
    },
  });
}

/** The assembly waits for it, and Vite builds asynchronously: so it has a process of its own. */
function build(directory: string, output: string): void {
  const vite = join(projectRoot, 'node_modules', 'vite', 'bin', 'vite.js');
  const config = join(directory, 'vite.config.ts');
  const { status, stderr } = spawnSync(
    process.execPath,
    [vite, 'build', directory, '--config', config, '--outDir', output, '--emptyOutDir'],
    {
      cwd: projectRoot,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      // React is another one under any other name.
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  if (status !== 0) throw new Error(`the page does not build: ${stderr}`);
  process.stderr.write(stderr);
}
