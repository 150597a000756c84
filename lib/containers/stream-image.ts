import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type { Construct } from 'constructs';
import { writeStreamHost } from '../functions/function-bundle.ts';

/** Where the program takes requests in its container. */
export const containerPort = 8080;

/** The Node that the project's own commands and tests run. */
const { version } = createRequire(import.meta.url)('node/package.json') as { readonly version: string };

/**
 * The image: Node of AWS's mirror of Docker's official images, and the bundle. A deploy builds it when this text or the bundle
 * is another one, so the version is whole: with `24` alone, Node would stay that of the first build. No instruction runs
 * anything, so that any machine builds it, whatever its processor. The user is the image's own, and has no rights.
 */
const dockerfile = `FROM public.ecr.aws/docker/library/node:${version}-slim
WORKDIR /app
COPY index.* ./
USER node
EXPOSE ${containerPort}
CMD ["node", "index.mjs"]
`;

/**
 * The image of the program that hosts many streams. A deploy builds it; to synthesize takes no Docker.
 */
export function streamImage(scope: Construct, id: string): DockerImageAsset {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-image-'));
  try {
    writeFileSync(join(directory, 'Dockerfile'), dockerfile);
    if (Stack.of(scope).bundlingRequired) writeStreamHost(directory);
    return new DockerImageAsset(scope, id, { directory, platform: Platform.LINUX_ARM64 });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
