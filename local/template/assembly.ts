import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError } from '../../commands/command-error.ts';

/** One resource as CloudFormation writes it; its properties still hold intrinsics. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

/** The parts of a CloudFormation template that the local stack reads. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

/** A synthesized CDK cloud assembly: its one stack, and where the bundles of its functions lie. */
export interface Assembly {
  readonly stackName: string;
  readonly template: Template;
  /**
   * Object key of an asset (`<hash>.zip`), or tag of an image → absolute path of the directory that a deploy would zip, or build
   * the image of.
   */
  readonly assetDirectories: ReadonlyMap<string, string>;
  /** Logical id → path in the construct tree, such as `/Stack/Api/Tasks/Function/Resource`. */
  readonly constructPaths: ReadonlyMap<string, string>;
}

/** Notes of CDK on each construct, by its path. */
type ConstructMetadata = Readonly<
  Record<string, ReadonlyArray<{ readonly type: string; readonly data?: unknown }>>
>;

interface Artifact {
  readonly type: string;
  readonly properties?: { readonly templateFile?: string; readonly file?: string };
  readonly metadata?: ConstructMetadata;
  /** Newer versions of CDK write the metadata here instead. */
  readonly additionalMetadataFile?: string;
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path: string; readonly packaging: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
  readonly dockerImages?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly directory: string };
        readonly destinations: Readonly<Record<string, { readonly imageTag: string }>>;
      }
    >
  >;
}

/**
 * Reads a cloud assembly (what `cdk synth` leaves in `cdk.out`).
 * @param directory the assembly's directory.
 * @throws {CommandError} when a file is missing or broken, or when the assembly does not hold exactly one stack.
 */
export function readAssembly(directory: string): Assembly {
  const manifest = readJson(path.join(directory, 'manifest.json')) as Manifest;
  const stacks = Object.entries(manifest.artifacts ?? {}).filter(
    ([, artifact]) => artifact.type === 'aws:cloudformation:stack',
  );
  const [stack] = stacks;
  const templateFile = stack?.[1].properties?.templateFile;
  if (stack === undefined || stacks.length !== 1 || templateFile === undefined) {
    throw new CommandError(
      `${directory} holds ${stacks.length} stacks; the local stack runs exactly one: see bin/taskwire.ts`,
    );
  }
  const template = readJson(path.join(directory, templateFile)) as Template;
  if (typeof template.Resources !== 'object') {
    throw new CommandError(`${path.join(directory, templateFile)} has no Resources: it is not a template`);
  }
  return {
    stackName: stack[0],
    template,
    assetDirectories: readAssetDirectories(directory, manifest),
    constructPaths: readConstructPaths(directory, stack[1]),
  };
}

function readConstructPaths(directory: string, stack: Artifact): Map<string, string> {
  const { metadata, additionalMetadataFile: file } = stack;
  const apart = file === undefined ? {} : (readJson(path.join(directory, file)) as ConstructMetadata);
  const paths = new Map<string, string>();
  for (const [constructPath, notes] of Object.entries({ ...metadata, ...apart })) {
    const logicalId = notes.find(({ type }) => type === 'aws:cdk:logicalId')?.data;
    if (typeof logicalId === 'string') paths.set(logicalId, constructPath);
  }
  return paths;
}

function readAssetDirectories(directory: string, manifest: Manifest): Map<string, string> {
  const directories = new Map<string, string>();
  for (const artifact of Object.values(manifest.artifacts ?? {})) {
    const file = artifact.properties?.file;
    if (artifact.type !== 'cdk:asset-manifest' || file === undefined) continue;
    const assets = readJson(path.join(directory, file)) as AssetManifest;
    for (const asset of Object.values(assets.files ?? {})) {
      for (const destination of Object.values(asset.destinations)) {
        directories.set(destination.objectKey, path.resolve(directory, asset.source.path));
      }
    }
    for (const image of Object.values(assets.dockerImages ?? {})) {
      for (const destination of Object.values(image.destinations)) {
        directories.set(destination.imageTag, path.resolve(directory, image.source.directory));
      }
    }
  }
  return directories;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandError(`cannot read the synthesized template: ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
