import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clients } from './clients.ts';

const head = ['client', 'language', 'version', 'works', 'what it needs'];

/**
 * The table of docs/CLIENTS.md as this run has it, a list of cells a row.
 * @param versions by client, as the client says it.
 * @param failed the names of what a client failed at, by client.
 */
export function tableOf(
  versions: ReadonlyMap<string, string | null>,
  failed: ReadonlyMap<string, readonly string[]>,
): string[][] {
  const rows = clients.map(({ name, language, version, needs }) => {
    const failures = failed.get(name) ?? ['it did not run'];
    return [
      name,
      language,
      version ?? versions.get(name) ?? 'unknown',
      failures.length === 0 ? 'yes' : `not: ${failures.join(', ')}`,
      needs === '' ? 'nothing' : needs,
    ];
  });
  return [head, ...rows];
}

/** The table as docs/CLIENTS.md has it. */
export function tableInDocument(): string[][] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/CLIENTS.md'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('| --'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** A table as Markdown. */
export function markdown([first, ...rows]: string[][]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(first!), line(first!.map(() => '---')), ...rows.map(line)].join('\n');
}
