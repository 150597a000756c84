import { readdirSync, readFileSync } from 'node:fs';
import { rows } from '../../faults/rows/index.ts';
import { metricDefinitions } from '../../lambdas/shared/signals/metrics.ts';
import { alarmTable } from '../../lib/operations/alarm-table.ts';
import { lastingFaults } from '../../local/operations/faults.ts';
import { Seams } from '../../local/seams.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The names of the rows in the table of the document; a name that ends with `…` stands for several. */
function documented(): string[] {
  const [, table = ''] = /\n\| row [^\n]*\n\| -[^\n]*\n((?:\|[^\n]*\n)+)/.exec(read('docs/FAULTS.md')) ?? [];
  return [...table.matchAll(/^\| (.+?) +\|/gm)].map(([, name]) => name!);
}

const covers = (line: string, name: string): boolean =>
  line.endsWith('…') ? name.startsWith(line.slice(0, -1)) : name === line;

describe('the rows of the fault matrix', () => {
  it('have a name of their own each', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });

  it('are in the document, and none is there that does not exist', () => {
    const lines = documented();
    expect(rows.filter(({ name }) => !lines.some((line) => covers(line, name)))).toEqual([]);
    expect(lines.filter((line) => !rows.some(({ name }) => covers(line, name)))).toEqual([]);
  });

  it('do something: put in a fault, or run one', () => {
    expect(rows.filter(({ arm, run }) => arm === undefined && run === undefined)).toEqual([]);
  });

  it('use every seam of the stack', () => {
    const names = readdirSync(new URL('../../faults/rows', import.meta.url));
    const sources = names.map((name) => read(`faults/rows/${name}`)).join('\n');
    const seams = Object.keys(new Seams()).filter((seam) => seam !== 'options');
    expect(seams).toContain('socketCall');
    expect(seams.filter((seam) => !new RegExp(`\\b${seam}\\b`).test(sources))).toEqual([]);
  });
});

describe('the faults that operators switch on', () => {
  const faults = Object.values(lastingFaults);

  it('are of rows that the document has', () => {
    const lines = documented();
    expect(faults.flatMap(({ rows: names }) => names).filter((name) => !lines.includes(name))).toEqual([]);
  });

  it('are seen by metrics and alarms that exist', () => {
    const known = new Set([...Object.keys(metricDefinitions), ...Object.keys(alarmTable)]);
    const named = faults.flatMap(({ look }) => look.match(/\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b/g) ?? []);
    expect(named).toContain('LateEvents');
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('a fault of any seam', () => {
  it('is put in and taken out while the stack runs', async () => {
    const seams = new Seams();
    const call = { functionName: 'push', method: 'POST', connectionId: 'a', text: '' } as const;
    const order = { by: 'fanout', functionName: 'push', event: {} };
    seams.socketCall = () => ({ kind: 'gone' });
    seams.asyncInvocation = () => ({ kind: 'lose' });
    expect(await seams.options.onSocketCall!(call)).toEqual({ kind: 'gone' });
    expect(seams.options.onAsyncInvocation!(order)).toEqual({ kind: 'lose' });
    seams.heal();
    expect(await seams.options.onSocketCall!(call)).toBeUndefined();
    expect(seams.options.onAsyncInvocation!(order)).toBeUndefined();
  });
});
