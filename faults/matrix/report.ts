import { columns } from '../../commands/columns.ts';
import type { RowResult } from './matrix.ts';

const resultColumns: readonly (readonly [title: string, value: (result: RowResult) => string])[] = [
  ['fault', ({ name }) => name],
  ['injected', ({ injected }) => String(injected)],
  ['changes', ({ changes }) => String(changes)],
  ['delivered', ({ delivered }) => String(delivered)],
  ['by socket', ({ bySocket }) => String(bySocket)],
  ['lost', ({ lost }) => String(lost)],
  ['doubled', ({ doubled }) => String(doubled)],
  ['leaked', ({ leaked }) => String(leaked)],
  ['past bound', ({ pastBound }) => String(pastBound)],
  ['seconds', ({ seconds }) => seconds.toFixed(1)],
  ['', ({ findings }) => (findings.length === 0 ? 'ok' : 'FAILED')],
];

/** Findings of a row that are printed; one mistake can have thousands. */
const mostFindings = 8;

/** What a command exits with that has these results: 0 when there are some, and nothing is wrong with any. */
export function exitCodeOf(results: readonly RowResult[]): 0 | 1 {
  return results.length > 0 && results.every(({ findings }) => findings.length === 0) ? 0 : 1;
}

/** The results as a table with aligned columns, and in words what is wrong. */
export function formatTable(results: readonly RowResult[]): string {
  const table = columns(
    [
      resultColumns.map(([title]) => title),
      ...results.map((row) => resultColumns.map(([, value]) => value(row))),
    ],
    1,
  );
  const failed = results.filter(({ findings }) => findings.length > 0);
  const noted = results.filter(({ notes = [] }) => notes.length > 0);
  return [table, ...noted.map(formatNotes), ...failed.map(formatFindings)].join('\n');
}

function formatNotes({ name, notes = [] }: RowResult): string {
  return [`\n${name}, measured:`, ...notes.map((line) => `  ${line}`)].join('\n');
}

function formatFindings({ name, findings }: RowResult): string {
  const shown = findings.slice(0, mostFindings);
  const rest = findings.length - shown.length;
  return [
    `\n${name}:`,
    ...shown.map((line) => `  ${line}`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ].join('\n');
}
