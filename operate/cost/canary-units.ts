import { measured } from './measured.ts';
import type { BilledStage, UnitLine } from './unit-lines.ts';
import { atEdge, gigabyte, runs, units } from './unit-lines.ts';

/**
 * What so many runs of the canary use up: its own function, the stream that it opens, and what API and fan-out do for it. What
 * goes over the wire is nothing beside that.
 */
export function canaryUnits(stage: BilledStage, count: number): UnitLine[] {
  const { canary, milliseconds, logBytes } = measured;
  const { requests, changes } = canary;
  return [
    { part: 'HTTP API', price: 'requests', quantity: count * requests },
    ...runs('Lambda', 'canary', count, (count * milliseconds.canary) / 1000),
    ...runs('Lambda', 'stream', count, (count * milliseconds.canaryStream) / 1000),
    ...runs('Lambda', 'tasks', count * requests, (count * requests * milliseconds.newTask) / 1000),
    ...runs('Lambda', 'fanout', count * changes, (count * changes * milliseconds.fanout) / 1000),
    ...units('tables', 'canary', count, canary.units),
    {
      part: 'logs',
      price: 'logs',
      quantity:
        (count * (requests * logBytes.access + changes * logBytes.write + logBytes.session)) / gigabyte,
    },
    ...atEdge(stage, count * (requests + 1)),
  ];
}
