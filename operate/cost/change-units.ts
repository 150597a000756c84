import { measured } from './measured.ts';
import type { BilledStage, UnitLine } from './unit-lines.ts';
import { atEdge, gigabyte, runs, sent, units } from './unit-lines.ts';

/** What new tasks use up, whoever hears of them: the API, the fan-out and the log. Each is a batch of its own. */
export function changeUnits(stage: BilledStage, changes: number): UnitLine[] {
  const { milliseconds } = measured;
  return [
    { part: 'HTTP API', price: 'requests', quantity: changes },
    ...runs('Lambda', 'tasks', changes, (changes * milliseconds.newTask) / 1000),
    ...runs('Lambda', 'fanout', changes, (changes * milliseconds.fanout) / 1000),
    ...units('tasks', 'tasks', changes, measured.units.newTask),
    ...units('events', 'fanout', changes, measured.units.append),
    {
      part: 'logs',
      price: 'logs',
      quantity: (changes * (measured.logBytes.access + measured.logBytes.write)) / gigabyte,
    },
    sent('data', stage, changes * measured.answerBytes, 'tasks'),
    ...atEdge(stage, changes),
  ];
}
