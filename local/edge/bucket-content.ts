import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PageFile } from '../page.ts';
import { contentTypeOf } from '../page.ts';
import type { StackTemplate } from '../template/stack-template.ts';

/** What a deploy puts into a bucket. */
export interface BucketContent {
  /** Path → file. */
  readonly files: ReadonlyMap<string, PageFile>;
  readonly cacheControl: string | undefined;
}

interface DeploymentProperties {
  readonly SourceObjectKeys: readonly string[];
  readonly DestinationBucketName: string;
  readonly SystemMetadata?: { readonly 'cache-control'?: string };
}

/** Reads what the deploy of this template would put into a bucket, from the bundled assets. */
export function readBucketContent(template: StackTemplate, bucketName: string): BucketContent {
  const files = new Map<string, PageFile>();
  const deployment = template
    .resourcesOfType('Custom::CDKBucketDeployment')
    .map(({ properties }) => properties as unknown as DeploymentProperties)
    .find(({ DestinationBucketName }) => DestinationBucketName === bucketName);
  for (const key of deployment?.SourceObjectKeys ?? []) {
    const directory = template.assetDirectory(key);
    for (const name of readdirSync(directory)) {
      const body = readFileSync(path.join(directory, name));
      files.set(`/${name}`, { contentType: contentTypeOf(name) ?? 'application/octet-stream', body });
    }
  }
  return { files, cacheControl: deployment?.SystemMetadata?.['cache-control'] };
}
