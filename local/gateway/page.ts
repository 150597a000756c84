import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
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
 * Reads the files of a page, `index.html` as the path itself and others under their names.
 * @param at the path of the page, which ends with a slash.
 * @returns path → file; what a page has no files of is left out.
 */
export function readFiles(directory: string, at: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const name of filesIn(directory)) {
    const contentType = contentTypeOf(name);
    if (contentType === undefined) continue;
    const file = { contentType, body: readFileSync(path.join(directory, name)) };
    files.set(name === 'index.html' ? at : `${at}${name}`, file);
  }
  return files;
}

/** The paths of all files below a directory, as addresses have them. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .map((name) => name.replaceAll(path.sep, '/'));
}

/**
 * Reads a page: its files, as `readFiles` does, and a script that is bundled.
 * @param directory no page when it does not exist.
 * @param at the path of the page, which ends with a slash.
 * @param scriptName its script's, without the ending: `operators` for `operators.ts`, which is `operators.js` there.
 * @returns path → file.
 * @throws {CommandError} when the script cannot be bundled.
 */
export async function readPage(
  directory: string,
  at: string,
  scriptName: string,
): Promise<Map<string, PageFile>> {
  if (!existsSync(directory)) return new Map();
  const files = readFiles(directory, at);
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
      // As the edge: it is asked for each time, and may be kept for "back".
      'cache-control': 'no-cache',
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
