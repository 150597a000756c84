import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { readAssembly } from '../../local/template/assembly.ts';
import type { StageTemplate, Template } from './template.ts';

/** Size of what a function is deployed with, without source maps and licences, in bytes. */
export interface BundleSize {
  readonly raw: number;
  readonly gzip: number;
}

/** A synthesized stage: its template, and the sizes of its functions by their names. */
export interface StageAssembly extends StageTemplate {
  readonly bundles: ReadonlyMap<string, BundleSize>;
}

/**
 * Reads a stage's cloud assembly. The keys of assets in the template are replaced by a hash of what runs: source maps
 * and licences tell where the packages lay when they were bundled, which is another place for each revision.
 */
export function readStageAssembly(directory: string): StageAssembly {
  const { template, assetDirectories, constructPaths } = readAssembly(directory);
  const names = new Map(
    [...constructPaths].map(([logicalId, constructPath]) => [logicalId, readableName(constructPath)]),
  );
  let text = JSON.stringify(template);
  const sizes = new Map<string, BundleSize>();
  for (const [objectKey, source] of assetDirectories) {
    if (!text.includes(objectKey)) continue;
    const files = runningFiles(source);
    const hash = createHash('sha256');
    for (const { name, content } of files) hash.update(`${name}\0${content.length}\0`).update(content);
    const runningKey = `${hash.digest('hex')}${path.extname(objectKey)}`;
    const content = Buffer.concat(files.map((file) => file.content));
    sizes.set(runningKey, { raw: content.length, gzip: gzipSync(content, { level: 9 }).length });
    text = text.replaceAll(objectKey, runningKey);
  }
  const normalized = JSON.parse(text) as Template;
  return { template: normalized, names, bundles: functionBundles(normalized, names, sizes) };
}

/** `/Taskwire-dev/Api/Tasks/Function/Resource` → `Api/Tasks/Function`. */
function readableName(constructPath: string): string {
  const [, , ...parts] = constructPath.split('/');
  return (parts.at(-1) === 'Resource' ? parts.slice(0, -1) : parts).join('/');
}

function runningFiles(source: string): ReadonlyArray<{ readonly name: string; readonly content: Buffer }> {
  if (statSync(source).isFile()) return [{ name: '', content: readFileSync(source) }];
  return globSync('**/*', { cwd: source })
    .filter((name) => !/\.(map|LEGAL\.txt)$/.test(name) && statSync(path.join(source, name)).isFile())
    .toSorted()
    .map((name) => ({ name, content: readFileSync(path.join(source, name)) }));
}

function functionBundles(
  template: Template,
  names: ReadonlyMap<string, string>,
  sizes: ReadonlyMap<string, BundleSize>,
): Map<string, BundleSize> {
  const bundles = new Map<string, BundleSize>();
  for (const [logicalId, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const code = Properties?.['Code'] as { readonly S3Key?: unknown } | undefined;
    const size = typeof code?.S3Key === 'string' ? sizes.get(code.S3Key) : undefined;
    if (size !== undefined) bundles.set(names.get(logicalId) ?? logicalId, size);
  }
  return bundles;
}
