import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { shorten } from '../../commands/fault-text.ts';
import { startNpm } from './npm.ts';
import { CommandError } from '../../commands/command-error.ts';

/** Where the binary is looked for, and fetched to. */
export interface BinarySearch {
  /** Root of this project. */
  readonly project: string;
  /** Directories that hold packages, nearest first. */
  readonly modules: readonly string[];
  /** Directories that hold programs. */
  readonly path: readonly string[];
  /** Hears how far a fetch is. */
  readonly say: (text: string) => void;
}

const project = path.join(import.meta.dirname, '..', '..');
const name = process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide';
const platform = `${process.platform}-${process.arch}`;
const platformPackage = `@dynoxide/${platform}`;

/** Platforms for which dynoxide has a package. Source: its release workflow, https://github.com/nubo-db/dynoxide */
const platforms = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64']);

const sayEveryMs = 5000;
/** Some megabytes: a connection that takes longer is dead. */
const fetchLimitMs = 300_000;

const usualSearch: BinarySearch = {
  project,
  modules: createRequire(import.meta.url).resolve.paths('dynoxide') ?? [],
  path: (process.env.PATH ?? '').split(path.delimiter).filter((directory) => directory !== ''),
  say: (text) => console.error(text),
};

/**
 * Finds the dynoxide binary: the platform's package, the umbrella package, one that was fetched before, then PATH. Where
 * there is none, npm fetches the platform's package, once, into a folder of its own under .taskwire. package.json names
 * one platform only, because npm can install from a lock file no package that the registry in use does not have.
 * @throws {CommandError} that says what to type.
 */
export async function findDatabaseBinary(search: BinarySearch = usualSearch): Promise<string> {
  const fetched = path.join(search.project, '.taskwire', 'database', wantedVersion(search.project));
  const candidates = [
    ...[...search.modules, path.join(fetched, 'node_modules')].flatMap((modules) => [
      path.join(modules, platformPackage, name),
      path.join(modules, 'dynoxide', name),
      path.join(modules, 'dynoxide', 'bin', name),
    ]),
    ...search.path.map((directory) => path.join(directory, name)),
  ];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  if (!platforms.has(platform)) throw noDatabase(`dynoxide has no package for ${platform}`);
  return fetchBinary(search, fetched);
}

/** The version that package.json asks for, on every platform. */
function wantedVersion(root: string): string {
  const { optionalDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  };
  const [, range = ''] =
    Object.entries(optionalDependencies ?? {}).find(([dependency]) => dependency.startsWith('@dynoxide/')) ??
    [];
  const version = /\d+\.\d+\.\d+\S*$/.exec(range)?.[0];
  if (version === undefined) throw new CommandError('package.json names no version of @dynoxide/linux-x64');
  return version;
}

function noDatabase(reason: string): CommandError {
  return new CommandError(
    `no database: ${reason}; type npm i dynoxide, or brew install nubo-db/tap/dynoxide, or start any DynamoDB server and set DYNAMODB_ENDPOINT=http://host:port`,
  );
}

async function fetchBinary({ project: root, say }: BinarySearch, target: string): Promise<string> {
  const wanted = `${platformPackage}@${wantedVersion(root)}`;
  say(`fetching the database ${wanted} with npm, once ...`);
  let part: string;
  try {
    mkdirSync(path.dirname(target), { recursive: true });
    part = mkdtempSync(`${target}-part-`);
  } catch (error) {
    throw noDatabase(`${wanted} cannot be kept in ${target} (${(error as Error).message})`);
  }
  const remove = (): void => rmSync(part, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const fault = await install(wanted, part, say);
    const binary = path.join('node_modules', platformPackage, name);
    if (fault !== undefined || !existsSync(path.join(part, binary))) {
      throw noDatabase(`npm could not fetch ${wanted} (${fault ?? 'it holds no binary'})`);
    }
    chmodSync(path.join(part, binary), 0o755);
    // Whole or not at all. Another stack may have been faster, with the same.
    if (!existsSync(target)) renameSync(part, target);
    say('the database is fetched');
    return path.join(target, binary);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** Installs a package into a directory of its own; gives what npm says when it fails. */
async function install(
  wanted: string,
  directory: string,
  say: (text: string) => void,
): Promise<string | undefined> {
  const began = performance.now();
  const timer = setInterval(() => say(`... ${Math.round((performance.now() - began) / 1000)} s`), sayEveryMs);
  // npm's own patience is more than a minute, which a laptop without a network would wait at each start.
  const soon = ['--fetch-retries=1', '--fetch-retry-mintimeout=2000'];
  const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = startNpm(['install', '--prefix', directory, '--ignore-scripts', ...soon, ...quiet, wanted], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: fetchLimitMs,
  });
  const kill = (): boolean => npm.kill();
  process.once('exit', kill);
  let said = '';
  npm.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  npm.once('error', (error) => resolve(`npm does not start: ${error.message}`));
  npm.once('close', (code, signal) => resolve(code === 0 ? undefined : npmFault(said, signal)));
  try {
    return await promise;
  } finally {
    clearInterval(timer);
    process.off('exit', kill);
  }
}

/** What went wrong, of the lines that npm prints: `npm error code E404`, `npm error 404 Not Found - GET …`. */
function npmFault(said: string, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `npm did not end within ${fetchLimitMs / 60_000} minutes`;
  const lines = said.split('\n').flatMap((line) => /^npm (?:error|ERR!) (.+)$/.exec(line)?.[1] ?? []);
  const code = lines.find((line) => line.startsWith('code '))?.slice('code '.length);
  const reason = lines.find((line) => !/^(code|errno|syscall|path) /.test(line)) ?? said.trim();
  return shorten([code, reason].filter((part) => part !== undefined && part !== '').join(': '));
}
