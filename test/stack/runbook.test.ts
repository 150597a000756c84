import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alarmTable, runbookEntry } from '../../lib/operations/alarm-table.ts';
import type { AlarmName } from '../../lib/operations/alarm-table.ts';
import { queryNames } from '../../lib/operations/saved-queries.ts';

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'RUNBOOK.md'), 'utf8');
const [, ...parts] = text.split(/^## /m);
const entries = new Map(
  parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n'))]),
);
const names = Object.keys(alarmTable) as AlarmName[];

describe('the runbook', () => {
  it('has an entry for each alarm, and none besides', () => {
    expect([...entries.keys()]).toEqual(names);
  });

  it.each(names)('says of %s what it means, how to see it and what to do', (name) => {
    const entry = entries.get(name)!;
    const heads = [...entry.matchAll(/^\*\*(\w+)\.\*\* \S/gm)].map(([, head]) => head);
    expect(heads).toEqual(['Means', 'See', 'Do']);
    // GitHub makes the anchor of a heading of its lower-case letters.
    expect(runbookEntry(name)).toBe(`docs/RUNBOOK.md#${name.toLowerCase()}`);
  });

  it('names saved queries that there are, and each of them', () => {
    const named = [...text.matchAll(/[Qq]uery `([^`]+)`/g)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set(queryNames));
  });
});
