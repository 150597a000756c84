import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { build } from 'esbuild';
import type { Rolldown } from 'vite';
import { build as buildWithVite } from 'vite';
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
 * Builds the board, and reads it: its files, and as `/config.json` that it is whomever its address names.
 * @param directory the dashboard's.
 * @returns path → file.
 * @throws {CommandError} when it cannot be built.
 */
export async function readBoard(directory: string): Promise<Map<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const { fileName, ...output } of await buildPage(directory)) {
    const content = output.type === 'chunk' ? output.code : output.source;
    const contentType = contentTypeOf(fileName);
    if (contentType === undefined)
      throw new CommandError(`the page has a file of no known type: ${fileName}`);
    files.set(fileName === 'index.html' ? '/' : `/${fileName}`, { contentType, body: Buffer.from(content) });
  }
  const icon = path.join(directory, 'public', 'icon.svg');
  files.set('/icon.svg', { contentType: contentTypes['.svg']!, body: readFileSync(icon) });
  files.set('/config.json', { contentType: 'application/json', body: Buffer.from('{"signIn":"switch"}') });
  return files;
}

async function buildPage(directory: string): Promise<Rolldown.RolldownOutput['output'][number][]> {
  try {
    const built = await buildWithVite({
      configFile: path.join(directory, 'vite.config.ts'),
      logLevel: 'silent',
      build: { write: false },
    });
    return 'output' in built ? built.output : [];
  } catch (error) {
    throw new CommandError(`cannot build the page: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Reads a page: `index.html` as the path itself, other files under their names, and a script that is bundled.
 * @param directory no page when it does not exist.
 * @param at the path of the page, which ends with a slash.
 * @param scriptName its script's, without the ending: `board` for `board.ts`, which is `board.js` there.
 * @returns path → file.
 * @throws {CommandError} when the script cannot be bundled.
 */
export async function readPage(
  directory: string,
  at: string,
  scriptName: string,
): Promise<Map<string, PageFile>> {
  const files = new Map<string, PageFile>();
  if (!existsSync(directory)) return files;
  for (const name of readdirSync(directory)) {
    const contentType = contentTypeOf(name);
    if (contentType === undefined) continue;
    const file = { contentType, body: readFileSync(path.join(directory, name)) };
    files.set(name === 'index.html' ? at : `${at}${name}`, file);
  }
  const script = path.join(directory, `${scriptName}.ts`);
  if (existsSync(script)) {
    files.set(`${at}${scriptName}.js`, {
      contentType: contentTypes['.js']!,
      body: await bundleScript(script),
    });
  }
  return files;
}

/** What a page may load and do: its own, and nothing of others. */
const ownContent =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Answers a GET or HEAD with a file of a page. */
export function sendFile({ method }: IncomingMessage, response: ServerResponse, file: PageFile): void {
  response
    .writeHead(200, {
      'content-type': file.contentType,
      'content-length': file.body.length,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': ownContent,
    })
    .end(method === 'HEAD' ? undefined : file.body);
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
