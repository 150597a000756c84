import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { buildPackage } from './build.ts';
import { source } from './entries.ts';

const run = promisify(execFile);

/** A package as it would be published. */
export interface PackedClient {
  /** The tarball. */
  readonly file: string;
  /** What is in it, by paths from the package's root. */
  readonly files: readonly string[];
}

/**
 * Builds and packs the client, apart from what an earlier build has left.
 * @param folder where the tarball goes; made where it is not there.
 */
export async function packClient(folder: string): Promise<PackedClient> {
  const staged = mkdtempSync(path.join(tmpdir(), 'taskwire-client-'));
  try {
    for (const name of ['package.json', 'README.md']) {
      copyFileSync(path.join(source, name), path.join(staged, name));
    }
    await buildPackage(staged);
    mkdirSync(folder, { recursive: true });
    const flags = ['--json', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await run('npm', ['pack', ...flags], {
      cwd: staged,
      shell: process.platform === 'win32',
    });
    const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    return { file: path.join(folder, packed.filename), files: packed.files.map((file) => file.path) };
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** ESM only: these resolve by rules from before there were exports, or have `require`. */
const unsupported = new Set(['node10', 'node16-cjs']);

/**
 * What publint and Are The Types Wrong find in a tarball, a line each: empty for a package that every bundler, Node and
 * TypeScript understand.
 */
export async function faultsOfPackage(file: string): Promise<readonly string[]> {
  const bytes = readFileSync(file);
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true });
  const types = await checkPackage(createPackageFromTarballData(bytes));
  if (types.types === false) return ['there are no types'];
  const problems = types.problems.filter(
    (problem) => !('resolutionKind' in problem && unsupported.has(problem.resolutionKind)),
  );
  return [
    ...messages.map((message) => `publint: ${formatMessage(message, pkg) ?? message.code}`),
    ...problems.map((problem) => `types: ${JSON.stringify(problem)}`),
  ];
}
