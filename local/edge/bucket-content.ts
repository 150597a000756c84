import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PageFile } from '../gateway/page.ts';
import { contentTypeOf, filesIn } from '../gateway/page.ts';
import type { StackTemplate } from '../template/stack-template.ts';

/** A file of a bucket. */
export interface BucketFile extends PageFile {
  readonly cacheControl: string | undefined;
}

/** What a deploy puts into a bucket: path → file. */
export type BucketContent = ReadonlyMap<string, BucketFile>;

interface DeploymentProperties {
  readonly SourceObjectKeys: readonly string[];
  /** For each source: text in its files → what the deploy writes in its place. */
  readonly SourceMarkers?: ReadonlyArray<Readonly<Record<string, unknown>>>;
  readonly DestinationBucketName: string;
  readonly SystemMetadata?: { readonly 'cache-control'?: string };
}

/** Reads what the deploy of this template would put into a bucket, from the bundled assets. */
export function readBucketContent(template: StackTemplate, bucketName: string): BucketContent {
  const files = new Map<string, BucketFile>();
  const deployments = template
    .resourcesOfType('Custom::CDKBucketDeployment')
    .map(({ properties }) => properties as unknown as DeploymentProperties)
    .filter(({ DestinationBucketName }) => DestinationBucketName === bucketName);
  for (const { SourceObjectKeys, SourceMarkers, SystemMetadata } of deployments) {
    for (const [index, key] of SourceObjectKeys.entries()) {
      const directory = template.assetDirectory(key);
      for (const name of filesIn(directory)) {
        files.set(`/${name}`, {
          contentType: contentTypeOf(name) ?? 'application/octet-stream',
          body: withValues(readFileSync(path.join(directory, name)), SourceMarkers?.[index] ?? {}),
          cacheControl: SystemMetadata?.['cache-control'],
        });
      }
    }
  }
  return files;
}

/** Puts values that only the deploy knows in the place of their markers. */
function withValues(body: Buffer, markers: Readonly<Record<string, unknown>>): Buffer {
  const entries = Object.entries(markers);
  if (entries.length === 0) return body;
  let text = body.toString('utf8');
  for (const [marker, value] of entries) text = text.replaceAll(marker, String(value));
  return Buffer.from(text);
}
