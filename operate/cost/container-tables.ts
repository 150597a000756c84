import { markdownTable } from '../../commands/markdown-table.ts';
import { taskProcessors } from '../../lib/config/host-combinations.ts';
import { prices } from '../../lib/operations/prices.ts';
import { dollarsOf } from './bill.ts';
import { containerUnits, monthHours, standingUnits } from './container-units.ts';
import { oneHour, only } from './stream-tables.ts';
import { streamUnits } from './stream-units.ts';
import { money, number } from './text.ts';
import type { BilledStage } from './unit-lines.ts';

/** An hour of as many containers as there are at the least, and of what is before them, with nobody there. */
export function idleTable(stage: BilledStage): string {
  const { leastTasks, taskMegabytes } = stage;
  const lines = standingUnits(stage, leastTasks * monthHours);
  const hour = (...parts: readonly string[]): string =>
    (dollarsOf(only(lines, ...parts)) / monthHours).toFixed(5);
  const { taskProcessors: processor, taskMemory: memory, balancers, addresses } = prices;
  return markdownTable(
    ['part', 'formula', '$ an hour'],
    [
      [
        'containers',
        `${leastTasks} × (${taskProcessors(stage)} vCPU × $${processor.dollars} + ${taskMegabytes / 1024} GB × $${memory.dollars})`,
        hour('containers'),
      ],
      ['their addresses', `${leastTasks} × $${addresses.dollars}`, hour('addresses')],
      [
        'load balancer',
        `$${balancers.dollars}, and no LCU while nothing goes through it`,
        hour('load balancer'),
      ],
      ['**sum**', '', `**${hour('containers', 'addresses', 'load balancer')}**`],
    ],
  );
}

/** What a month of that costs, US dollars. */
function idleMonth(stage: BilledStage): number {
  return dollarsOf(standingUnits(stage, stage.leastTasks * monthHours));
}

/** What an hour of one of a thousand streams brings with it, of a workspace of a hundred, US dollars. */
function streamHour(stage: BilledStage): number {
  const streams = 1000;
  const open = { ...oneHour, seconds: streams * 3600, perWorkspace: 100 };
  const all = containerUnits(stage, { ...open, streams, workspaces: streams / open.perWorkspace, hours: 1 });
  const standing = only(all, 'containers', 'addresses').concat(
    all.filter(({ price }) => price === 'balancers'),
  );
  return (dollarsOf(all) - dollarsOf(standing)) / streams;
}

/** The numbers of streams in containers, by the names that docs/DEPLOY.md has for them. */
export function containerNumbers(stage: BilledStage): Readonly<Record<string, () => string>> {
  const idle = idleMonth(stage);
  const ofFunction = dollarsOf(streamUnits(stage, oneHour));
  const hours = idle / (ofFunction - streamHour(stage));
  return {
    'an hour of idle containers': () => idleTable(stage),
    'a month of idle containers': () =>
      `${monthHours} × $${(idle / monthHours).toFixed(4)} = **${money(idle)}**`,
    'a stream-hour in containers': () => `$${streamHour(stage).toFixed(4)}`,
    'break-even of containers': () => `**${number(hours)} stream-hours** a month`,
    'streams of the break-even': () => number(hours / monthHours, 1),
  };
}
