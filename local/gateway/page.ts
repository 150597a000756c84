import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { CommandError } from '../../commands/command-error.ts';

/** A file of the page, ready to be sent. */
export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

/** The content type of a file of the page by its name; undefined for what is no such file. */
export function contentTypeOf(name: string): string | undefined {
  return contentTypes[path.extname(name)];
}

/**
 * Reads the page: `index.html` as `/`, other files under their names, `board.ts` bundled as `/board.js`, and as
 * `/config.json` that it is whomever its address names.
 * @param directory the dashboard's; no page when it does not exist.
 * @returns path → file.
 * @throws {CommandError} when the script cannot be bundled.
 */
export async function readPage(directory: string): Promise<Map<string, PageFile>> {
  const files = new Map<string, PageFile>();
  if (!existsSync(directory)) return files;
  for (const name of readdirSync(directory)) {
    const contentType = contentTypeOf(name);
    if (contentType === undefined) continue;
    const file = { contentType, body: readFileSync(path.join(directory, name)) };
    files.set(name === 'index.html' ? '/' : `/${name}`, file);
  }
  files.set('/config.json', { contentType: 'application/json', body: Buffer.from('{"signIn":"switch"}') });
  const script = path.join(directory, 'board.ts');
  if (existsSync(script)) {
    files.set('/board.js', {
      contentType: 'text/javascript; charset=utf-8',
      body: await bundleScript(script),
    });
  }
  return files;
}

async function bundleScript(script: string): Promise<Buffer> {
  try {
    const { outputFiles } = await build({
      entryPoints: [script],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      sourcemap: 'inline',
      write: false,
      logLevel: 'silent',
    });
    return Buffer.from(outputFiles[0]?.contents ?? new Uint8Array());
  } catch (error) {
    throw new CommandError(`cannot bundle the page: ${(error as Error).message}`, { cause: error });
  }
}
