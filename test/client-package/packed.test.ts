import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sourceFacts } from '../architecture/source-facts.ts';
import { manifest, project } from '../../tools/client-package/entries.ts';
import type { PackedClient } from '../../tools/client-package/pack.ts';
import { faultsOfPackage, packClient } from '../../tools/client-package/pack.ts';

const run = promisify(execFile);
const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-packed-'));
const consumer = path.join(directory, 'consumer');
const installed = path.join(project, 'node_modules');
const compiler = path.join(installed, 'typescript', 'bin', 'tsc');
/** What a program writes to import each entry. */
const specifiers = Object.keys(manifest.exports)
  .filter((entry) => entry !== './package.json')
  .map((entry) => path.posix.join(manifest.name, entry));

let packed: PackedClient;
beforeAll(async () => {
  packed = await packClient(directory);
  mkdirSync(consumer);
  write('package.json', JSON.stringify({ type: 'module' }));
  // A test wants nothing of a registry, and the package needs nothing of one.
  await inConsumer('npm', ['install', '--offline', packed.file]);
  for (const name of installedPeers()) link(name);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(path.join(consumer, name), text);
}

/** What its users add for some of its entries, as far as an entry needs it so far, and the types where they are apart. */
function installedPeers(): string[] {
  const names = Object.keys(manifest.peerDependencies).flatMap((name) => [name, `@types/${name}`]);
  return names.filter((name) => existsSync(path.join(installed, name)));
}

function link(name: string): void {
  const target = path.join(consumer, 'node_modules', name);
  mkdirSync(path.dirname(target), { recursive: true });
  symlinkSync(path.join(installed, name), target, 'junction');
}

/** Runs a program in the consumer's folder; gives what it prints, and rejects with it when it fails. */
async function inConsumer(program: string, flags: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(program, [...flags], {
      cwd: consumer,
      shell: program === 'npm' && process.platform === 'win32',
    });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stdout}${stderr}`, { cause: error });
  }
}

describe('the packed client', () => {
  it('is understood by bundlers, Node and TypeScript', async () => {
    await expect(faultsOfPackage(packed.file)).resolves.toEqual([]);
  });

  it('has what was built, its licence and its README, and neither sources nor tests', () => {
    const others = packed.files.filter((file) => !/^dist\/.*\.(d\.ts|js|js\.map)$/.test(file));
    expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(packed.files.filter((file) => file.includes('test'))).toEqual([]);
  });

  it('names only files of its own that it has, in its code and in its types', async () => {
    const root = path.join(consumer, 'node_modules', manifest.name);
    const missing: string[] = [];
    for (const file of packed.files.filter((name) => /\.(js|d\.ts)$/.test(name))) {
      const { imports } = await sourceFacts(readFileSync(path.join(root, file), 'utf8'));
      const named = imports.filter((name) => name.startsWith('.'));
      missing.push(...named.filter((name) => !packed.files.includes(path.posix.join(file, '..', name))));
    }
    expect(missing).toEqual([]);
  });

  it('is imported by Node, each entry', async () => {
    write(
      'import.js',
      `for (const name of ${JSON.stringify(specifiers)}) {
        console.log(JSON.stringify([name, Object.keys(await import(name))]));
      }`,
    );
    const printed = await inConsumer(process.execPath, ['import.js']);
    const names = new Map(
      printed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as [string, string[]]),
    );
    expect([...names.keys()]).toEqual(specifiers);
    expect(names.get('@taskwire/client')).toContain('connect');
    expect(names.get('@taskwire/client/presence')).toEqual(['createPresence']);
    expect(names.get('@taskwire/client/react')).toContain('useTaskEvents');
    expect(names.get('@taskwire/client/browser')).toEqual(names.get('@taskwire/client'));
  });

  it.each(['nodenext', 'bundler'])(
    'has types where modules are resolved as by %s',
    async (moduleResolution) => {
      write('consumer.ts', consumerSource);
      const compilerOptions = {
        module: moduleResolution === 'bundler' ? 'preserve' : moduleResolution,
        moduleResolution,
        target: 'es2023',
        lib: ['es2023', 'dom'],
        types: [],
        strict: true,
        noEmit: true,
      };
      write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
      await expect(inConsumer(process.execPath, [compiler])).resolves.toBe('');
    },
  );
});

/** What its users write, and a mistake in it that only those see who have its types. */
const consumerSource = `
${specifiers.map((name, index) => `export * as entry${index} from '${name}';`).join('\n')}
import { connect } from '@taskwire/client';
import { createPresence } from '@taskwire/client/presence';
import { useConnection, useTaskEvents, useViewers, useOpened } from '@taskwire/client/react';

const connection = connect({ url: 'http://localhost:8788', token: () => 'a token' });
// @ts-expect-error -- there is no such event
connection.on('no such event', () => {});
connection.on('task.created', ({ task }) => {
  // @ts-expect-error -- it is a number
  const id: string = task.id;
  const name: string = task.name;
  console.log(id, name);
});

export function useWhoIsThere(token: string): string[] {
  const opened = useConnection(token, { presence: true });
  const presence = useOpened(opened && (() => createPresence(opened)), [opened]);
  // @ts-expect-error -- a number is no token
  useTaskEvents(7);
  const [first] = useTaskEvents(token);
  if (first?.type === 'task.created') console.log(first.task.name);
  // @ts-expect-error -- its id is a number
  useViewers(presence, 'first');
  return useViewers(presence).map(({ userId }) => userId);
}
`;
