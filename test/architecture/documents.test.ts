import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const projectRoot = join(import.meta.dirname, '..', '..');
const documents = globSync(['*.md', 'docs/*.md'], { cwd: projectRoot }).filter(
  (name) => name !== 'CHANGELOG.md',
);
const read = (name: string): string => readFileSync(join(projectRoot, name), 'utf8');

/** The paths from the root of the project that a document names: in backticks, with a folder of the project's first. */
function namedPaths(text: string): string[] {
  const folders = new Set(globSync('*/', { cwd: projectRoot }).map((folder) => folder.replace(/\/$/, '')));
  const named = [...text.matchAll(/`((?:\.\/)?[\w.-]+\/[\w./-]*)`/g)].map(([, path]) => path!);
  return named.filter((path) => folders.has(path.split('/')[0]!) && !path.startsWith('cdk.out'));
}

/** The files that a document links to, as the reader of the document finds them. */
function linkedFiles(name: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
  return links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => join(dirname(name), link));
}

describe.each(documents)('%s', (name) => {
  it('names no file that is not there', () => {
    const text = read(name);
    const missing = [...namedPaths(text), ...linkedFiles(name, text)].filter(
      (path) => !existsSync(join(projectRoot, path)),
    );
    expect(missing).toEqual([]);
  });
});

describe('the walks through the code in docs/ARCHITECTURE.md', () => {
  const text = read('docs/ARCHITECTURE.md');

  it.each([
    'One write, from the API to the frame',
    'One push, from the log to the WebSocket',
    'One connect with a cursor',
  ])('%s: each stop is a file, and no file is long', (title) => {
    const [, section = ''] = text.split(`## ${title}\n`);
    const stops = [...section.split('\n## ')[0]!.matchAll(/^- `([\w./-]+)`: /gm)].map(([, file]) => file!);
    expect(stops.length).toBeGreaterThan(10);
    const long = stops.filter((file) => read(file).split('\n').length > 250);
    expect(long).toEqual([]);
  });
});

describe('docs/decisions/README.md', () => {
  it('has a line for each decision, in their order', () => {
    const listed = [...read('docs/decisions/README.md').matchAll(/^\| \[(\d+)\]\((.+?)\)/gm)];
    const files = globSync('[0-9]*.md', { cwd: join(projectRoot, 'docs/decisions') });
    expect(listed.map(([, , file]) => file)).toEqual(files.toSorted());
    expect(listed.map(([, number, file]) => file!.startsWith(`${number}-`))).not.toContain(false);
  });
});
