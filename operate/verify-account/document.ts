import { CommandError } from '../../commands/command-error.ts';
import { markdownTable } from '../../commands/markdown-table.ts';
import type { Experiment, Need } from './experiment.ts';

const begin = '<!-- verify: experiments -->';
const end = '<!-- /verify -->';

const needed: Readonly<Record<Need, string>> = {
  aws: 'an account',
  edge: 'the edge',
  socket: 'the WebSocket',
  time: '`--long`',
  settings: '`--change-settings`',
};

function tableOf(experiments: readonly Experiment[]): string {
  const rows = experiments.map(({ name, question, cents, minutes, needs }) => [
    `\`${name}\``,
    question,
    `${cents} ¢`,
    `${minutes} min`,
    needs.map((need) => needed[need]).join(', '),
  ]);
  return markdownTable(['experiment', 'what only an account can tell', 'costs', 'takes', 'needs'], rows);
}

function entryOf({ name, dependsOn, method, assumed, change }: Experiment): string {
  return [
    `- **\`${name}\`**. ${method}`,
    `  - Depends on it: ${dependsOn}.`,
    `  - As assumed: ${assumed}.`,
    `  - If it differs: ${change}.`,
  ].join('\n');
}

/**
 * Writes the experiments of a document anew, between the marks that it has for them.
 * @throws {CommandError} where it has none.
 */
export function withExperiments(text: string, experiments: readonly Experiment[]): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new CommandError(`the document has no place for the experiments: ${begin} and ${end}`);
  const written = `${tableOf(experiments)}\n\n${experiments.map(entryOf).join('\n')}`;
  return `${text.slice(0, from + begin.length)}\n\n${written}\n\n${text.slice(to)}`;
}
