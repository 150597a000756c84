import type { StageConfig } from '../lib/config/stage-schema.ts';
import { withNumbers } from '../commands/document-numbers.ts';
import { markdownTable } from '../commands/markdown-table.ts';
import { money, number } from '../operate/cost/text.ts';
import { readScaleCommand } from './command-line.ts';
import { idleTable, measuredIdle } from './idle-bill.ts';
import type { Spread } from './scenario.ts';
import type { ScaleResult } from './simulate.ts';
import { simulate } from './simulate.ts';
import type { StormResult } from './storm.ts';
import { horizonSeconds } from './storm.ts';

const short = (amount: number): string => number(amount, amount < 10 ? 1 : 0);
const rowOf = ({ streams, host }: ScaleResult): string[] => [number(streams), host];

/** A table of Markdown, by its title; made of the results of one spread. */
const tables: Readonly<Record<string, (results: readonly ScaleResult[]) => string>> = {
  'what breaks first': firstTable,
  'where each limit is reached': limitTable,
  'the hottest partitions, units a second': hottestTable,
  'all are cut at once': stormTable,
  'a month in which all are open': monthTable,
};

/** All tables for each spread, by their titles. */
export function tablesOf(results: readonly ScaleResult[]): ReadonlyMap<string, string> {
  const spreads = Map.groupBy(results, ({ spread }) => titleOf(spread));
  return new Map(
    [...spreads].flatMap(([title, all]) =>
      Object.entries(tables).map(([what, table]) => [`${what}, ${title}`, table(all)] as const),
    ),
  );
}

/**
 * Writes those tables of a document anew that it has, as the command gives them without options.
 * @throws {UnknownNumber} for a table that there is not.
 */
export function withTables(document: string, stage: StageConfig): string {
  const all = tablesOf(simulate(readScaleCommand({}, stage), stage));
  const named = [...all].filter(([title]) => document.includes(`<!-- scale: ${title} -->`));
  const numbers = {
    ...Object.fromEntries(named.map(([title, table]) => [title, () => table])),
    'an hour of idle streams': () => idleTable(stage, measuredIdle()),
  };
  return withNumbers(document, numbers, 'scale');
}

function titleOf(spread: Spread): string {
  if ('perWorkspace' in spread) return `${number(spread.perWorkspace)} streams in each workspace`;
  return spread.workspaces === 1 ? 'all in one workspace' : `in ${number(spread.workspaces)} workspaces`;
}

function firstTable(results: readonly ScaleResult[]): string {
  return markdownTable(
    ['streams', 'host', 'first', 'second', 'third'],
    results.map((result) => [
      ...rowOf(result),
      ...result.limits.slice(0, 3).map(({ name, demand, amount, unit, reachedAt }) => {
        const reached = reachedAt <= result.streams ? '' : 'not yet: ';
        return `${reached}${name}, ${short(demand)} of ${short(amount)} ${unit}`;
      }),
    ]),
  );
}

/** A row for each limit that a host reaches with the most streams asked for. */
function limitTable(results: readonly ScaleResult[]): string {
  const most = Math.max(...results.map(({ streams }) => streams));
  const last = results.filter(({ streams }) => streams === most);
  const reachedAt = (name: string): number[] =>
    last.map(({ limits }) => limits.find((limit) => limit.name === name)?.reachedAt ?? Infinity);
  const first = (name: string): number => Math.min(...reachedAt(name));
  const named = new Map(last.flatMap(({ limits }) => limits.map((limit) => [limit.name, limit] as const)));
  const rows = [...named.values()]
    .filter(({ name }) => first(name) <= most)
    .toSorted((a, b) => first(a.name) - first(b.name));
  return markdownTable(
    ['limit', 'amount', 'moved by', ...last.map(({ host }) => host), 'source'],
    rows.map(({ name, amount, unit, raise, source }) => [
      name,
      `${short(amount)} ${unit}`,
      raise,
      ...reachedAt(name).map((streams) => (streams <= most ? number(Number(streams.toPrecision(2))) : '—')),
      source.startsWith('http') ? `[AWS](${source})` : source,
    ]),
  );
}

function hottestTable(results: readonly ScaleResult[]): string {
  const columns = ['events', 'connections', 'tasks'].flatMap((table) =>
    ['reads', 'writes'].map((kind) => `${kind} of ${table}`),
  );
  return markdownTable(
    ['streams', 'host', ...columns],
    results.map((result) => [
      ...rowOf(result),
      ...columns.map((column) => {
        const [hottest] = result.limits
          .filter(({ name }) => name.startsWith(`${column}: `))
          .toSorted((a, b) => b.demand - a.demand);
        return hottest === undefined
          ? '—'
          : `${short(hottest.demand)}, ${hottest.name.slice(column.length + 2)}`;
      }),
    ]),
  );
}

function stormTable(results: readonly ScaleResult[]): string {
  return markdownTable(
    [
      'streams',
      'host',
      'places',
      'EventSource: half',
      'last',
      'ended for good',
      'client package: half',
      'last',
    ],
    results.flatMap((result) =>
      result.storms.map(({ places, eventSource, clientPackage }) => [
        ...rowOf(result),
        `${places} ×`,
        ...backOf(eventSource),
        number(eventSource.ended),
        ...backOf(clientPackage),
      ]),
    ),
  );
}

function backOf({ halfSeconds, lastSeconds, trying }: StormResult): string[] {
  const [half, last] = [halfSeconds, lastSeconds].map((seconds) =>
    seconds === undefined ? '—' : `${number(seconds, 1)} s`,
  ) as [string, string];
  return [half, trying > 0 ? `${number(trying)} not in ${number(horizonSeconds)} s` : last];
}

function monthTable(results: readonly ScaleResult[]): string {
  return markdownTable(
    ['streams', 'host', '$ a month', '$ a stream', 'of it at rates that were not found'],
    results.map((result) => {
      const { dollars, assumed } = result.month;
      const part = assumed === 0 ? '' : money(assumed);
      return [...rowOf(result), money(dollars), money(dollars / result.streams), part];
    }),
  );
}
