import { pageSize } from '../../lambdas/push/pusher.ts';
import { functionMemory } from '../../lib/functions/function-memory.ts';
import { dollarsOf } from './bill.ts';
import { changeUnits } from './change-units.ts';
import { measured } from './measured.ts';
import { pushOrders, pushUnits } from './socket-units.ts';
import { only, quantityOf } from './stream-tables.ts';
import { number } from './text.ts';
import { markdownTable } from '../../commands/markdown-table.ts';
import type { BilledStage, UnitLine } from './unit-lines.ts';

const million = 1_000_000;
const dollars = (lines: readonly UnitLine[]): string => dollarsOf(lines).toFixed(2);

/** A million new tasks, each a batch of its own. */
export function newTasksTable(stage: BilledStage): string {
  const off = changeUnits({ ...stage, edge: 'off' }, million);
  const on = changeUnits({ ...stage, edge: 'on' }, million);
  const { newTask, append } = measured.units;
  const of = (table: UnitLine['table']): UnitLine[] => off.filter((line) => line.table === table);
  const priced = (...names: readonly UnitLine['price'][]): UnitLine[] =>
    off.filter(({ price }) => names.includes(price));
  // As many KB for one as GB for a million.
  const loggedKilobytes = quantityOf(off, 'logs');
  const memory = functionMemory.tasks / 1024;
  return markdownTable(
    ['part', 'formula', '$'],
    [
      ['HTTP API', '1 request', dollars(priced('requests'))],
      ['Lambda, invocations', 'tasks and fan-out, one record a batch', dollars(priced('invocations'))],
      [
        'Lambda, compute',
        `${memory} GB × (about ${measured.milliseconds.newTask} ms + ${measured.milliseconds.fanout} ms)`,
        dollars(priced('compute')),
      ],
      ['tasks table', `counter and task, 1 KB each: ${newTask.taskWrites} WRU`, dollars(of('tasks'))],
      [
        'events table',
        `head read: ${append.eventReads} RRU; segment and head in one transaction: 2 × ${append.eventWrites / 2} WRU`,
        dollars(of('events')),
      ],
      [
        'connections table',
        `what is revoked: ${newTask.connectionReads} RRU; whether somebody has subscribed: ${append.connectionReads} RRU`,
        dollars(of('connections')),
      ],
      ['logs', `about ${number(loggedKilobytes, 1)} KB`, dollars(priced('logs'))],
      [
        'data out',
        `about ${measured.answerBytes / 1000} KB an answer, past the edge`,
        dollars(priced('dataOut')),
      ],
      ['**sum, edge off**', '', `**${dollars(off)}**`],
      [
        'edge',
        `1 request and 1 run of its function; its data out is $${dollars(only(on, 'data'))} instead`,
        dollars(only(on, 'edge')),
      ],
      ['**sum, edge on**', '', `**${dollars(on)}**`],
    ],
  );
}

/** Picks the units of one price. */
const pricedAt =
  (price: UnitLine['price']) =>
  (lines: readonly UnitLine[]): UnitLine[] =>
    lines.filter((line) => line.price === price);

/** What a million changes cost besides that are pushed to one subscriber of their workspace, and to a hundred. */
export function pushTable(stage: BilledStage): string {
  const [few, many] = [1, 100];
  const one = pushUnits(stage, million, few);
  const all = pushUnits(stage, million, many);
  const { push, pushOfOne } = measured.milliseconds;
  const both = (pick: (lines: readonly UnitLine[]) => UnitLine[]): [string, string] => [
    dollars(pick(one)),
    dollars(pick(all)),
  ];
  const reads = [one, all].map((lines) => number(quantityOf(lines, 'reads') / million, 1));
  return markdownTable(
    ['part', 'formula', `$ with ${few}`, `$ with ${many}`],
    [
      ['WebSocket API', 'a message for each subscriber that gets it', ...both(pricedAt('messages'))],
      [
        'Lambda, invocations',
        `1 and one for each ${pageSize} subscribers: ${pushOrders(few)} and ${pushOrders(many)}`,
        ...both(pricedAt('invocations')),
      ],
      [
        'Lambda, compute',
        `${functionMemory.push / 1024} GB × (about ${push} ms each, and ${pushOfOne} ms a subscriber)`,
        ...both(pricedAt('compute')),
      ],
      ['reads', `head, segment and subscribers: ${reads.join(' and ')} RRU`, ...both(pricedAt('reads'))],
      ['logs', `about ${measured.logBytes.invocation / 1000} KB an invocation`, ...both(pricedAt('logs'))],
      [
        'data',
        'a frame to each',
        ...both((lines) => [...pricedAt('edgeData')(lines), ...pricedAt('dataOut')(lines)]),
      ],
      ['**sum**', '', `**${dollars(one)}**`, `**${dollars(all)}**`],
    ],
  );
}
