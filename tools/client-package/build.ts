import { execFile } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { CommandError } from '../../commands/command-error.ts';
import { bundleForBrowsers } from './bundle.ts';
import { entrySources, project, source } from './entries.ts';

const run = promisify(execFile);

/**
 * Builds the package: `dist/` and the licence.
 * @param folder where they go; into the sources' own folder, where examples find it, unless it is said.
 * @throws {CommandError} with the compiler's messages.
 */
export async function buildPackage(folder: string = source): Promise<void> {
  const dist = path.join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  await compile(dist);
  for (const file of globSync('**/*.d.ts', { cwd: dist })) nameCompiledFiles(path.join(dist, file));
  await bundleForBrowsers(path.join(dist, 'browser.js'));
  writeFileSync(path.join(dist, 'browser.d.ts'), "export * from './client/index.js';\n");
  copyFileSync(path.join(project, 'LICENSE'), path.join(folder, 'LICENSE'));
}

/** Compiles the entries and what they import: so nothing is published that no entry needs. */
async function compile(dist: string): Promise<void> {
  const compiler = path.join(project, 'node_modules', 'typescript', 'bin', 'tsc');
  const settings = {
    extends: path.join(source, 'tsconfig.json'),
    compilerOptions: { outDir: dist },
    files: [...entrySources().values()],
    include: [],
  };
  const file = path.join(dist, 'tsconfig.json');
  mkdirSync(dist, { recursive: true });
  writeFileSync(file, JSON.stringify(settings));
  try {
    await run(process.execPath, [compiler, '--project', file]);
  } catch (error) {
    throw new CommandError(`the client does not compile\n${(error as { stdout: string }).stdout}`);
  }
  rmSync(file);
}

/**
 * The compiler writes `./a.js` for `./a.ts` into the code, and leaves it in the types, where it understands both
 * (https://github.com/microsoft/TypeScript/issues/61037). Editors that go by the file's name do not.
 */
function nameCompiledFiles(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll(/((?:\bfrom |\bimport\()['"]\.{1,2}\/[^'"]*)\.tsx?(?=['"])/g, '$1.js'));
}
