import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { runNpm } from '../../local/data/npm.ts';
import { synthesize } from '../../local/template/synthesize.ts';
import { CommandError } from '../../commands/command-error.ts';
import type { StageAssembly } from './stage-assembly.ts';
import { readStageAssembly } from './stage-assembly.ts';

const run = promisify(execFile);
const megabyte = 1024 * 1024;

/** Never deployed, so nothing of it can be lost. */
const localStage = 'local';

/** The code to compare with. */
export interface BaseRevision {
  /** Where it was unpacked. */
  readonly directory: string;
  readonly commit: string;
  /** Whether its packages are other ones than those of the working tree, but were not installed. */
  readonly borrowsPackages: boolean;
}

async function git(project: string, ...commandArguments: string[]): Promise<string> {
  try {
    const { stdout } = await run('git', commandArguments, { cwd: project, maxBuffer: 64 * megabyte });
    return stdout.trim();
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new CommandError(
      `git ${commandArguments[0]} failed: ${stderr.trim() || (error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Unpacks the commit where the working tree's branch left `base`, so that what others did on `base` since is no part of
 * the comparison. Its packages are those of the working tree, unless they differ and `install` asks npm for them.
 * @throws {CommandError} when there is no such revision, or the two have no history in common.
 */
export async function unpackBase(
  project: string,
  base: string,
  directory: string,
  install: boolean,
): Promise<BaseRevision> {
  const tip = await git(
    project,
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${base}^{commit}`,
  ).catch(() => {
    throw new CommandError(`--base ${base} is no revision here; fetch it first`);
  });
  const commit = await git(project, 'merge-base', tip, 'HEAD').catch(() => {
    throw new CommandError(`${base} and HEAD have no commit in common; fetch the whole history`);
  });
  mkdirSync(directory, { recursive: true });
  const archive = `${directory}.tar`;
  // Not a worktree: that would leave a note in the repository when this process is killed.
  await git(project, 'archive', '--format=tar', `--output=${archive}`, commit);
  await run('tar', ['-xf', archive, '-C', directory]);
  const isSame = lockFile(project) === lockFile(directory);
  if (!isSame && install) {
    const code = await runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: directory,
      // The report alone goes to stdout.
      stdio: ['ignore', 'ignore', 2],
    });
    if (code !== 0)
      throw new CommandError(`npm ci of ${base} ended with ${code}: leave --install out, or mend it`);
  } else symlinkSync(path.join(project, 'node_modules'), path.join(directory, 'node_modules'), 'junction');
  return { directory, commit, borrowsPackages: !isSame && !install };
}

function lockFile(project: string): string {
  const file = path.join(project, 'package-lock.json');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Where the names of the stages stand, or stood in the revisions that a change may still be compared with. */
const homesOfStageNames = ['lib/config/stage-names.ts', 'lib/stage-config.ts'];

/**
 * Gives the stages that the code of a project can deploy.
 * @throws {CommandError} when it does not say so in any known place.
 */
export async function deployableStages(project: string): Promise<string[]> {
  const home = homesOfStageNames.map((name) => path.join(project, name)).find((file) => existsSync(file));
  if (home === undefined) {
    throw new CommandError(`${project} has its stages in none of ${homesOfStageNames.join(', ')}`);
  }
  const { stageNames } = (await import(pathToFileURL(home).href)) as {
    readonly stageNames: readonly string[];
  };
  return stageNames.filter((stage) => stage !== localStage);
}

/**
 * Synthesizes a stage by a project's own code, into a directory, and reads it.
 * @param side how to call the code in an error.
 * @throws {CommandError} with what the app printed when it fails.
 */
export async function synthesizeStage(
  project: string,
  stage: string,
  directory: string,
  side: string,
): Promise<StageAssembly> {
  const { exitCode, output } = await synthesize(directory, { stage, checks: false }, project);
  if (exitCode !== 0)
    throw new CommandError(`stage ${stage} of ${side} does not synthesize:\n${output.trim()}`);
  return readStageAssembly(directory);
}
