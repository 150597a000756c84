import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizeLocalStage } from '../../local/template/synthesize.ts';
import { findUntrusted } from '../../tools/deploy/assembly-trust.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- a manifest to spoil
type Json = any;

const role = (kind: string): string =>
  `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/cdk-hnb659fds-${kind}-role-\${AWS::AccountId}-us-east-1`;

const dockerfile = `FROM public.ecr.aws/docker/library/node:24-slim
COPY index.mjs ./
USER node
CMD ["node", "index.mjs"]
`;

/** Spoils an image by what its Dockerfile says. */
const built =
  (text: string): Parameters<typeof assembly>[0] =>
  (_, __, directory) =>
    writeFileSync(join(directory, 'asset.image', 'Dockerfile'), text);

/** An assembly as CDK writes it, spoilt or not. */
function assembly(spoil: (manifest: Json, assets: Json, directory: string) => void = () => {}): string {
  const directory = mkdtempSync(join(scratch, 'assembly-'));
  const manifest = {
    version: '55.0.0',
    artifacts: {
      'Stack.assets': { type: 'cdk:asset-manifest', properties: { file: 'Stack.assets.json' } },
      Stack: {
        type: 'aws:cloudformation:stack',
        properties: {
          templateFile: 'Stack.template.json',
          assumeRoleArn: role('deploy'),
          cloudFormationExecutionRoleArn: role('cfn-exec'),
          lookupRole: { arn: role('lookup') },
        },
      },
      Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
    },
  };
  const assets = {
    version: '55.0.0',
    files: {
      code: {
        displayName: 'Code',
        source: { path: 'asset.code', packaging: 'zip' },
        destinations: {
          here: {
            bucketName: 'cdk-hnb659fds-assets-${AWS::AccountId}-us-east-1',
            objectKey: 'code.zip',
            assumeRoleArn: role('file-publishing'),
          },
        },
      },
    },
    dockerImages: {
      program: {
        displayName: 'Image',
        source: { directory: 'asset.image', platform: 'linux/arm64' },
        destinations: {
          here: {
            repositoryName: 'cdk-hnb659fds-container-assets-${AWS::AccountId}-us-east-1',
            imageTag: 'program',
            region: 'us-east-1',
            assumeRoleArn: role('image-publishing'),
          },
        },
      },
    },
  };
  mkdirSync(join(directory, 'asset.image'));
  writeFileSync(join(directory, 'asset.image', 'Dockerfile'), dockerfile);
  mkdirSync(join(directory, 'asset.code'));
  writeFileSync(join(directory, 'asset.code', 'index.mjs'), '');
  spoil(manifest, assets, directory);
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(directory, 'Stack.assets.json'), JSON.stringify(assets));
  return directory;
}

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'taskwire-trust-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function command(directory: string): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, ['tools/check-assembly.ts', directory], {
    cwd: join(import.meta.dirname, '..', '..'),
    encoding: 'utf8',
  });
}

describe('an assembly is deployed', () => {
  it('when CDK has made it of this project', () => {
    expect(findUntrusted(process.env['TASKWIRE_TEMPLATE_DIRECTORY']!)).toEqual([]);
  });

  it('when CDK has made it of a stage with containers, whose image has the Node that tests run', async () => {
    const directory = join(scratch, 'containers');
    await synthesizeLocalStage(directory, { streamHost: 'container' });
    const file = readdirSync(directory, { recursive: true, encoding: 'utf8' }).find((path) =>
      path.endsWith('Dockerfile'),
    );

    expect(findUntrusted(directory)).toEqual([]);
    const [from] = readFileSync(join(directory, file!), 'utf8').split('\n');
    expect(from).toBe(`FROM public.ecr.aws/docker/library/node:${process.versions.node}-slim`);
  });

  it('when it has files, an image, a stack and a tree', () => {
    const directory = assembly();
    expect(findUntrusted(directory)).toEqual([]);
    expect(command(directory).status).toBe(0);
  });
});

describe('an assembly is refused', () => {
  it.each<[string, Parameters<typeof assembly>[0], string]>([
    [
      'with a program to run',
      (_, { files }) => Object.assign(files.code.source, { executable: ['sh', '-c', 'id'] }),
      'has executable',
    ],
    [
      'with nothing but a program to run',
      (_, { files }) => Object.assign(files.code, { source: { executable: ['id'] } }),
      'has executable',
    ],
    ['with an image that runs a program', built(`${dockerfile}RUN id\n`), 'is built by "RUN id"'],
    [
      'with an image that fetches something',
      built(`${dockerfile}ADD https://a.example/ /\n`),
      'is built by "ADD',
    ],
    [
      'with an image that is read otherwise',
      built(`# syntax=a/b\n${dockerfile}`),
      'is built by "# syntax=a/b"',
    ],
    [
      'with an image of somebody else',
      built(dockerfile.replace('public.ecr.aws/docker/library/node', 'a.example/node')),
      'is built by "FROM a.example/node',
    ],
    [
      'with a file of another image',
      built(`${dockerfile}COPY  --from=a/b / /\n`),
      'is built by "COPY  --from',
    ],
    [
      'with an image above it',
      (_, { dockerImages }) => Object.assign(dockerImages.program.source, { directory: '..' }),
      'the image program of Stack.assets is at .., outside of the assembly',
    ],
    [
      'with an image that a program makes',
      (_, { dockerImages }) => Object.assign(dockerImages.program.source, { executable: ['id'] }),
      'has executable',
    ],
    [
      'with an image for somebody else',
      (_, { dockerImages }) =>
        Object.assign(dockerImages.program.destinations.here, { repositoryName: 'theirs' }),
      'goes to theirs, which is no repository of the bootstrap stack',
    ],
    [
      'with a file above it',
      (_, { files }) => Object.assign(files.code.source, { path: '../secret' }),
      'at ../secret, outside of the assembly',
    ],
    [
      'with a file above it, by a detour',
      (_, { files }) => Object.assign(files.code.source, { path: 'asset.code/../../secret' }),
      'outside of the assembly',
    ],
    [
      'that is an asset itself',
      (_, { files }) => Object.assign(files.code.source, { path: '.' }),
      'outside of the assembly',
    ],
    [
      'with a file of the machine',
      (_, { files }) => Object.assign(files.code.source, { path: '/etc/passwd' }),
      'outside of the assembly',
    ],
    [
      'with a template of the machine',
      ({ artifacts }) => Object.assign(artifacts.Stack.properties, { templateFile: '/etc/passwd' }),
      'the template of Stack is at /etc/passwd',
    ],
    [
      'with an asset manifest elsewhere',
      ({ artifacts }) => Object.assign(artifacts['Stack.assets'].properties, { file: '../other.json' }),
      'outside of the assembly',
    ],
    [
      'with a link',
      (_, __, directory) => symlinkSync('/etc', join(directory, 'asset.code', 'etc')),
      'neither a file nor a folder',
    ],
    [
      'with assemblies in it',
      ({ artifacts }) => Object.assign(artifacts, { Nested: { type: 'cdk:cloud-assembly' } }),
      'the artifact Nested is of the type cdk:cloud-assembly',
    ],
    [
      'that asks for context',
      (manifest) => Object.assign(manifest, { missing: [{ key: 'ami' }] }),
      'manifest.json has missing',
    ],
    [
      'with a role of somebody else',
      ({ artifacts }) =>
        Object.assign(artifacts.Stack.properties, { assumeRoleArn: 'arn:aws:iam::111122223333:role/admin' }),
      'no role of the bootstrap stack',
    ],
    [
      'with a bucket of somebody else',
      (_, { files }) => Object.assign(files.code.destinations.here, { bucketName: 'theirs' }),
      'goes to theirs, which is no bucket of the bootstrap stack',
    ],
    [
      'with what nobody knows yet',
      (_, { files }) => Object.assign(files.code.source, { command: 'id' }),
      'has command',
    ],
  ])('%s', (_, spoil, finding) => {
    expect(findUntrusted(assembly(spoil))).toEqual(
      expect.arrayContaining([expect.stringContaining(finding)]),
    );
  });

  it('by the command, with a line for each finding', () => {
    const directory = assembly((_, { files }) => Object.assign(files.code.source, { executable: ['id'] }));
    expect(command(directory)).toMatchObject({
      status: 1,
      stderr: 'refused: the asset code of Stack.assets has executable\n',
    });
  });

  it('by the command when it cannot be read', () => {
    expect(command(join(scratch, 'nothing'))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^refused: .*ENOENT/),
    });
  });
});
