import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CommandError } from '../../commands/command-error.ts';
import type { PageFile } from './page.ts';
import { contentTypeOf, filesIn, readFiles, readPage } from './page.ts';

const project = path.join(import.meta.dirname, '..', '..');
const vite = path.join(project, 'node_modules', 'vite', 'bin', 'vite.js');

/**
 * Reads the page at `/`, which says in `/config.json` that it is whomever its address names.
 * @param directory what Vite builds, where it has a configuration for it; else a page whose script is `page.ts`.
 * @returns path → file.
 * @throws {CommandError} when it cannot be built.
 */
export async function readBoard(directory: string): Promise<Map<string, PageFile>> {
  const config = path.join(directory, 'vite.config.ts');
  const files = existsSync(config) ? await build(directory) : await readPage(directory, '/', 'page');
  if (files.size > 0)
    files.set('/config.json', { contentType: 'application/json', body: Buffer.from('{"signIn":"switch"}') });
  return files;
}

async function build(directory: string): Promise<Map<string, PageFile>> {
  const output = mkdtempSync(path.join(tmpdir(), `taskwire-board-${process.pid}-`));
  // In a process of its own, as for a deploy.
  const building = promisify(execFile)(
    process.execPath,
    [vite, 'build', directory, '--config', path.join(directory, 'vite.config.ts'), '--outDir', output],
    // React is another one under any other name.
    { cwd: project, env: { ...process.env, NODE_ENV: 'production' } },
  );
  const remove = (): void => {
    building.child.kill('SIGKILL');
    rmSync(output, { recursive: true, force: true });
  };
  process.once('exit', remove);
  try {
    await building.catch((error: unknown) => {
      throw new CommandError(`cannot build the page: ${reasonOf(error)}`, { cause: error });
    });
    const unknown = filesIn(output).find((name) => contentTypeOf(name) === undefined);
    if (unknown !== undefined) throw new CommandError(`the page has a file of no known type: ${unknown}`);
    return readFiles(output, '/');
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** What Vite has said, where it has said something. */
function reasonOf(error: unknown): string {
  const { stderr, message } = error as Error & { readonly stderr?: string };
  return stderr?.trim() || message;
}
