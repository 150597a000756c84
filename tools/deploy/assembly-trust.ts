import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join, normalize, sep } from 'node:path';

// Uses no package: the deploy job has installed none.

type Values = Readonly<Record<string, unknown>>;

/** What an artifact may be; a nested assembly, say, would have manifests of its own. */
const artifactTypes = new Set([
  'aws:cloudformation:stack',
  'cdk:asset-manifest',
  'cdk:tree',
  'cdk:feature-flag-report',
]);

/** A role, a bucket or a repository of the bootstrap stack, in the account that is deployed to. */
const bootstrapRole =
  /^arn:(aws|\$\{AWS::Partition\}):iam::(\d{12}|\$\{AWS::AccountId\}):role\/cdk-[a-z0-9]{1,10}-(deploy|cfn-exec|lookup|file-publishing|image-publishing)-role-(\d{12}|\$\{AWS::AccountId\})-([a-z0-9-]+|\$\{AWS::Region\})$/;
const bootstrapBucket =
  /^cdk-[a-z0-9]{1,10}-assets-(\d{12}|\$\{AWS::AccountId\})-([a-z0-9-]+|\$\{AWS::Region\})$/;

const bootstrapRepository =
  /^cdk-[a-z0-9]{1,10}-container-assets-(\d{12}|\$\{AWS::AccountId\})-([a-z0-9-]+|\$\{AWS::Region\})$/;

/**
 * The lines that a Dockerfile may have: to build such an image is to copy files of the assembly onto an official image of
 * Node, and runs nothing. Neither does it ask for another reader of the file, as a first line `# syntax=` would.
 */
const harmlessLine =
  /^(FROM public\.ecr\.aws\/docker\/library\/node:[\w.-]+|(WORKDIR|USER|EXPOSE|CMD) .*|COPY (?!.*--).*|)$/;

/**
 * Looks for what in a cloud assembly would make the CDK CLI run programs, read files outside of the assembly, or use
 * other roles and buckets than those of the bootstrap stack, when it deploys. What is not known is found too: the job that
 * made the assembly has run the code of all packages, and the one that deploys it holds the rights to.
 * Source: the schema of the cloud assembly in aws-cdk-lib, `FileSource.executable` and `DockerImageSource` among it.
 * @param directory the assembly.
 * @returns a sentence for each finding; none for an assembly that may be deployed.
 */
export function findUntrusted(directory: string): string[] {
  const links = findLinks(directory);
  // Nothing that a link may have brought is read.
  return links.length > 0 ? links : new Assembly(directory).findings();
}

/** Whatever is neither a file nor a folder: a link leads out of the assembly. None is followed. */
function findLinks(path: string): string[] {
  const status = lstatSync(path);
  if (status.isFile()) return [];
  if (!status.isDirectory()) return [`${path} is neither a file nor a folder`];
  return readdirSync(path).flatMap((name) => findLinks(join(path, name)));
}

class Assembly {
  readonly #directory: string;
  readonly #findings: string[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  findings(): string[] {
    const manifest = this.#read('manifest.json');
    this.#onlyKeys('manifest.json', manifest, ['version', 'artifacts', 'minimumCliVersion']);
    for (const [id, artifact] of Object.entries(values(manifest['artifacts']))) {
      const { type, properties } = values(artifact);
      if (typeof type !== 'string' || !artifactTypes.has(type))
        this.#add(`the artifact ${id} is of the type ${String(type)}`);
      else if (type === 'cdk:asset-manifest') this.#checkAssets(id, values(properties));
      else if (type === 'aws:cloudformation:stack') this.#checkStack(id, values(properties));
    }
    return this.#findings;
  }

  #checkStack(id: string, properties: Values): void {
    this.#checkPath(`the template of ${id}`, properties['templateFile']);
    const { assumeRoleArn, cloudFormationExecutionRoleArn, lookupRole } = properties;
    for (const role of [assumeRoleArn, cloudFormationExecutionRoleArn, values(lookupRole)['arn']])
      this.#checkRole(`the stack ${id}`, role);
  }

  #checkAssets(id: string, properties: Values): void {
    if (!this.#checkPath(`the asset manifest of ${id}`, properties['file'])) return;
    const manifest = this.#read(String(properties['file']));
    this.#onlyKeys(`the asset manifest of ${id}`, manifest, ['version', 'files', 'dockerImages']);
    for (const [image, source] of Object.entries(values(manifest['dockerImages'])))
      this.#checkImage(`the image ${image} of ${id}`, values(source));
    for (const [asset, file] of Object.entries(values(manifest['files']))) {
      const where = `the asset ${asset} of ${id}`;
      const { source, destinations } = values(file);
      this.#onlyKeys(where, values(file), ['source', 'destinations', 'displayName']);
      // `executable` is the one that names a program to run.
      this.#onlyKeys(where, values(source), ['path', 'packaging']);
      this.#checkPath(where, values(source)['path']);
      for (const destination of Object.values(values(destinations))) {
        const { bucketName, assumeRoleArn } = values(destination);
        if (typeof bucketName !== 'string' || !bootstrapBucket.test(bucketName))
          this.#add(`${where} goes to ${String(bucketName)}, which is no bucket of the bootstrap stack`);
        this.#checkRole(where, assumeRoleArn);
      }
    }
  }

  #checkImage(where: string, image: Values): void {
    const { source, destinations } = image;
    this.#onlyKeys(where, image, ['source', 'destinations', 'displayName']);
    this.#onlyKeys(where, values(source), ['directory', 'platform']);
    const { directory } = values(source);
    if (this.#checkPath(where, directory)) {
      const file = join(this.#directory, String(directory), 'Dockerfile');
      for (const line of readFileSync(file, 'utf8').split('\n'))
        if (!harmlessLine.test(line)) this.#add(`${where} is built by ${JSON.stringify(line)}`);
    }
    for (const destination of Object.values(values(destinations))) {
      const { repositoryName, assumeRoleArn } = values(destination);
      if (typeof repositoryName !== 'string' || !bootstrapRepository.test(repositoryName))
        this.#add(
          `${where} goes to ${String(repositoryName)}, which is no repository of the bootstrap stack`,
        );
      this.#checkRole(where, assumeRoleArn);
    }
  }

  #checkRole(where: string, role: unknown): void {
    if (role !== undefined && (typeof role !== 'string' || !bootstrapRole.test(role)))
      this.#add(`${where} is deployed with ${JSON.stringify(role)}, which is no role of the bootstrap stack`);
  }

  #checkPath(where: string, path: unknown): boolean {
    const isWithin =
      typeof path === 'string' &&
      path !== '' &&
      !isAbsolute(path) &&
      !/^\.\.?$/.test(normalize(path)) &&
      !normalize(path).startsWith(`..${sep}`);
    if (!isWithin) this.#add(`${where} is at ${String(path)}, outside of the assembly`);
    return isWithin;
  }

  #onlyKeys(where: string, object: Values, known: readonly string[]): void {
    for (const key of Object.keys(object)) if (!known.includes(key)) this.#add(`${where} has ${key}`);
  }

  #read(name: string): Values {
    return values(JSON.parse(readFileSync(join(this.#directory, name), 'utf8')));
  }

  #add(finding: string): void {
    this.#findings.push(finding);
  }
}

/** The members of an object; none of anything else. */
function values(value: unknown): Values {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
