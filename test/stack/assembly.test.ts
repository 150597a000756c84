import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../local/template/synthesize.ts';
import { localAssembly, localTemplate, resources } from './synthesized.ts';

const projectRoot = join(import.meta.dirname, '..', '..');

function templateFile(directory: string, stage = 'local'): string {
  return readFileSync(join(directory, `Taskwire-${stage}.template.json`), 'utf8');
}

/** The first folder below node_modules of every package that a bundle contains, e.g. `@aws-sdk`. */
function bundledPackages(): Set<string> {
  const maps = globSync('asset.*/index.mjs.map', { cwd: localAssembly() });
  const sources = maps.flatMap((map) => {
    const content: unknown = JSON.parse(readFileSync(join(localAssembly(), map), 'utf8'));
    return (content as { sources: string[] }).sources;
  });
  return new Set(sources.flatMap((path) => path.split('node_modules/').at(1)?.split('/').at(0) ?? []));
}

/** Copies what is bundled, because esbuild sees through links to the first checkout; links all else. */
function installInto(checkout: string): void {
  const packages = bundledPackages();
  mkdirSync(join(checkout, 'node_modules'));
  for (const name of readdirSync(join(projectRoot, 'node_modules'))) {
    const [from, to] = [join(projectRoot, 'node_modules', name), join(checkout, 'node_modules', name)];
    if (packages.has(name)) cpSync(from, to, { recursive: true });
    else symlinkSync(from, to, 'junction');
  }
}

describe('synthesis is deterministic', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'taskwire-again-'));
  afterAll(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  it('a second run gives the same bytes, wherever the output goes', async () => {
    const directory = join(scratch, 'deep', 'er', 'out');

    const { exitCode } = await synthesize(directory, { stage: 'local' });

    expect(exitCode).toBe(0);
    expect(templateFile(directory)).toBe(templateFile(localAssembly()));
  });

  it('so does one of a stage with the edge, its page included', async () => {
    const [first, second] = await Promise.all(
      ['one', 'other'].map(async (name) => {
        const directory = join(scratch, name);
        const { exitCode, output } = await synthesize(directory, {
          stage: 'staging',
          stages: {},
          checks: false,
        });
        if (exitCode !== 0) throw new Error(output);
        return templateFile(directory, 'staging');
      }),
    );

    expect(second).toBe(first);
  });

  it('so does a checkout elsewhere', async () => {
    const checkout = join(scratch, 'checkout');
    for (const part of [
      'bin',
      'lib',
      'protocol',
      'core',
      'lambdas',
      'commands',
      'local',
      'cdk.json',
      'package.json',
      'tsconfig.json',
    ]) {
      cpSync(join(projectRoot, part), join(checkout, part), { recursive: true });
    }
    installInto(checkout);
    const elsewhere = (await import(join(checkout, 'local', 'template', 'synthesize.ts'))) as {
      synthesize: typeof synthesize;
    };
    const directory = join(scratch, 'out');

    const { exitCode } = await elsewhere.synthesize(directory, { stage: 'local' });

    expect(exitCode).toBe(0);
    expect(templateFile(directory)).toBe(templateFile(localAssembly()));
  });
});

describe('the template of the local stage', () => {
  const template = localTemplate();

  it('has the port as its only parameter', () => {
    expect(template.toJSON()['Parameters']).toEqual({
      LocalPort: expect.objectContaining({ Type: 'Number', Default: 8788 }),
    });
  });

  it('gives no physical name, so that an account can hold several stages', () => {
    const names = ['TableName', 'FunctionName', 'BucketName', 'RoleName', 'LogGroupName'];
    const named = Object.entries(resources(template))
      .filter(([, { Type }]) => /::(GlobalTable|Function|Bucket|Role|LogGroup)$/.test(Type))
      .filter(([, { Properties }]) => names.some((name) => name in Properties));

    expect(named).toEqual([]);
  });
});
