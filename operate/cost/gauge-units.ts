import { dollarsOf } from './bill.ts';
import { measured } from './measured.ts';
import { money, number } from './text.ts';
import { markdownTable } from '../../commands/markdown-table.ts';
import type { UnitLine } from './unit-lines.ts';
import { readUnits, runs } from './unit-lines.ts';

/** How many connections are open, and so are in the table. */
export interface OpenConnections {
  readonly streams: number;
  readonly sockets: number;
}

/** Read units of one look at all connections, which is not consistent: WebSockets that have subscribed have three items. */
export function gaugeReads({ streams, sockets }: OpenConnections): number {
  const { connection, subscriber } = measured.itemBytes;
  return readUnits(streams * connection + sockets * (connection + 2 * subscriber)) / 2;
}

/** What so many runs of the gauge use up. */
export function gaugeUnits(count: number, open: OpenConnections): UnitLine[] {
  const reads = gaugeReads(open);
  const milliseconds = measured.milliseconds.gauge + reads * measured.milliseconds.gaugeOfUnit;
  return [
    ...runs('Lambda', 'gauge', count, (count * milliseconds) / 1000),
    { part: 'tables', price: 'reads', quantity: count * reads, by: 'gauge', table: 'connections' },
  ];
}

/**
 * A month of the gauge, by what is open all the time, without its metrics.
 * @param count how often it runs in the month.
 */
export function gaugeTable(count: number): string {
  const rows = [100, 10_000].flatMap((many) => [
    { what: `${number(many)} streams`, open: { streams: many, sockets: 0 } },
    { what: `${number(many)} WebSockets`, open: { streams: 0, sockets: many } },
  ]);
  return markdownTable(
    ['open all the time', 'a run', 'a month', '$ a month for reads', '$ a month in all'],
    rows.map(({ what, open }) => {
      const lines = gaugeUnits(count, open);
      const reads = lines.filter(({ price }) => price === 'reads');
      return [
        what,
        `${number(gaugeReads(open), 1)} RRU`,
        `${number(count * gaugeReads(open))} RRU`,
        money(dollarsOf(reads)),
        money(dollarsOf(lines)),
      ];
    }),
  );
}
