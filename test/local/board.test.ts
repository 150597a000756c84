import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBoard } from '../../local/gateway/board.ts';
import type { PageFile } from '../../local/gateway/page.ts';
import { sendFile } from '../../local/gateway/page.ts';

const dashboard = join(import.meta.dirname, '..', '..', 'dashboard');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'taskwire-page-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

const textOf = (files: ReadonlyMap<string, PageFile>, path: string): string =>
  files.get(path)?.body.toString() ?? '';

/** What has been left of builds. */
/** What builds of this process have left; others build at the same time. */
const builds = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`taskwire-board-${process.pid}-`));

describe('the board', () => {
  let board: ReadonlyMap<string, PageFile>;
  beforeAll(async () => {
    board = await readBoard(dashboard);
  });

  it('is its page, what the page names, and how its users sign in', () => {
    const page = textOf(board, '/');
    const named = [...new Set([...page.matchAll(/ (?:src|href)="([^"]+)"/g)].map(([, path]) => path))];
    // The script, what it needs at once, and the style sheet.
    const assets = named.filter((path) => path !== '/icon.svg');
    expect(named).toHaveLength(assets.length + 1);
    for (const path of assets) expect(path).toMatch(/^\/assets\/[\w-]+-[\w-]{8}\.(js|css)$/);
    expect(assets.filter((path) => path?.startsWith('/assets/index-'))).toEqual([
      expect.stringMatching(/\.js$/),
      expect.stringMatching(/\.css$/),
    ]);
    for (const path of named) expect(board.has(path!)).toBe(true);
    // The others are of parts that load when they are wanted.
    const others = [...board.keys()].filter(
      (path) => !named.includes(path) && !/^\/assets\/.*\.js$/.test(path),
    );
    expect(others).toEqual(['/', '/config.json']);
    expect(textOf(board, '/config.json')).toBe('{"signIn":"switch"}');
    const types = new Map([...board].map(([path, { contentType }]) => [path.split('.')[1], contentType]));
    expect(Object.fromEntries(types)).toEqual({
      undefined: 'text/html; charset=utf-8',
      css: 'text/css; charset=utf-8',
      js: 'text/javascript; charset=utf-8',
      json: 'application/json',
      svg: 'image/svg+xml',
    });
  });

  it('has nothing inline, which its policy forbids', () => {
    const page = textOf(board, '/');
    expect(page).not.toMatch(/<style|style=|<script(?![^>]* src=)| on\w+=/);
    expect(page).not.toContain('data:');
  });

  it('is the same each time', async () => {
    expect(await readBoard(dashboard)).toEqual(board);
  });

  it('is sent with a policy that lets it load and ask its own origin only', async () => {
    const server = createServer((request, response) => sendFile(request, response, board.get('/')!));
    await new Promise<void>((resolve) => void server.listen(0, resolve));
    const { port } = server.address() as AddressInfo;
    const { headers } = await fetch(`http://localhost:${port}/`, { headers: { connection: 'close' } });
    server.close();
    expect(headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-cache');
  });
});

describe('a page', () => {
  it('that does not build says what is wrong, and leaves nothing behind', async () => {
    write({
      'vite.config.ts': 'export default {};',
      'index.html': '<script type="module" src="/missing.ts"></script>',
    });
    await expect(readBoard(directory)).rejects.toThrow(/^cannot build the page: [^]*missing\.ts/);
    expect(builds()).toEqual([]);
  });

  it('with a file of a type that nobody serves is not taken', async () => {
    write({
      'vite.config.ts': 'export default {};',
      'index.html': '<title>Page</title>',
      'public/sound.ogg': '',
    });
    await expect(readBoard(directory)).rejects.toThrow('the page has a file of no known type: sound.ogg');
  });

  it('without a configuration of Vite is its files, and its script', async () => {
    write({
      'index.html': '<title>Page</title>',
      'page.ts': 'export const a: string = "b";',
      'more.js': '1;',
    });
    const files = await readBoard(directory);
    expect([...files.keys()].toSorted()).toEqual(['/', '/config.json', '/more.js', '/page.js']);
    expect(textOf(files, '/page.js')).not.toContain(': string');
  });

  it('that is not there has no files', async () => {
    expect(await readBoard(join(directory, 'nothing'))).toEqual(new Map());
  });
});
