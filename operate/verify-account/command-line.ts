import type { Flags } from '../../commands/command-line.ts';
import { UsageError } from '../../commands/command-line.ts';
import { stageNames } from '../../lib/config/stage-names.ts';
import { applyHelp, applyOptions } from '../stack/apply.ts';
import { locationHelp, locationOptions } from '../stack/location.ts';
import type { Experiment, Need } from './experiment.ts';
import { experiments } from './experiments.ts';

const deployed = stageNames.filter((name) => name !== 'local');

export const help = `npm run verify:account -- --stage NAME [--only NAME,…] [--out FILE] [--apply]

Asks an account what only an account can tell, by experiments on a deployed stage: docs/DEPLOY.md lists them, with what
depends on each, what is assumed and what to change where it is not so. Says what it would do, cost and take; with
--apply it does that, and removes what it has made. For a stage without users, and a user of a workspace of its own.

  --stage NAME            ${deployed.join(', ')}; the outputs of its stack say where everything is
  --only NAME,…           these experiments: ${wrapped(experiments.map(({ name }) => name))}
  --token TOKEN           token of a user; or in the variable TASKWIRE_TOKEN, where others cannot see it
  --out FILE              writes the report there, as Markdown
  --day YYYY-MM-DD        the day whose bill is read (default: yesterday, UTC)
  --long                  lets those run that take hours
  --change-settings       lets those run that change settings of functions for some minutes and put them back; not on
                          production
  --base-url URL          where the API answers, if elsewhere than the outputs say, as with an emulator
  --stream-url URL        the same for the stream
  --socket-url URL        the same for the WebSocket
${applyHelp}

  --write-list            instead: writes the experiments into docs/DEPLOY.md anew

A local stack is asked as far as that goes, with --base-url.
${locationHelp('eventsTable', 'connectionsTable')}

Exit status: 0 nothing differs and something was told, or it was a dry run; 1 something differs, or nothing could be told;
2 wrong usage.`;

/** Names with commas, in lines that fit below the option. */
function wrapped(names: readonly string[]): string {
  const lines = [''];
  for (const [index, name] of names.entries()) {
    const word = index === names.length - 1 ? name : `${name}, `;
    if (lines.at(-1)!.length + word.length > (lines.length === 1 ? 70 : 92)) lines.push('');
    lines[lines.length - 1] += word;
  }
  return lines.map((line) => line.trimEnd()).join(`\n${' '.repeat(26)}`);
}

export const options = {
  ...locationOptions,
  ...applyOptions,
  only: { type: 'string' },
  token: { type: 'string' },
  out: { type: 'string' },
  day: { type: 'string' },
  long: { type: 'boolean', default: false },
  'change-settings': { type: 'boolean', default: false },
  'base-url': { type: 'string' },
  'stream-url': { type: 'string' },
  'socket-url': { type: 'string' },
  'write-list': { type: 'boolean', default: false },
} as const;

export type VerifyFlags = Flags<typeof options>;

/**
 * The experiments that a command line chooses: those of `--only`, or all; in the order in which they run.
 * @throws {UsageError} for a name that there is not.
 */
export function chosenExperiments({ only }: Pick<VerifyFlags, 'only'>): readonly Experiment[] {
  if (only === undefined) return experiments;
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !experiments.some((each) => each.name === name));
  if (unknown !== undefined) throw new UsageError(`--only knows no experiment ${JSON.stringify(unknown)}`);
  return experiments.filter(({ name }) => names.includes(name));
}

/**
 * The day whose bill is read.
 * @param now epoch milliseconds.
 * @throws {UsageError}
 */
export function billedDay({ day }: Pick<VerifyFlags, 'day'>, now: number): string {
  if (day === undefined) return new Date(now - 86_400_000).toISOString().slice(0, 10);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(`${day}T00:00:00Z`));
  if (isDay) return day;
  throw new UsageError(`--day takes a day such as 2026-11-27, not ${JSON.stringify(day)}`);
}

/** What says where a local stack is. */
const localFlags = Object.keys(locationOptions).filter((flag) => flag !== 'stage');

/** @throws {UsageError} for options that do not go together. */
export function checkFlags(flags: VerifyFlags): void {
  const { stage, 'change-settings': changes } = flags;
  if (stage === undefined) {
    const needed = ['base-url', 'events-table', 'connections-table'] as const;
    if (needed.some((flag) => flags[flag] === undefined)) {
      throw new UsageError(
        'name what to ask: --stage, or --base-url, --events-table and --connections-table',
      );
    }
    if (changes) throw new UsageError('--change-settings is for a deployed stage: leave it out');
    return;
  }
  if (!deployed.some((name) => name === stage)) {
    throw new UsageError(`--stage takes ${deployed.join(', ')}, not ${JSON.stringify(stage)}`);
  }
  const given: Readonly<Record<string, unknown>> = flags;
  const other = localFlags.find((flag) => given[flag] !== undefined);
  if (other !== undefined) throw new UsageError(`--stage says where everything is: leave --${other} out`);
  if (changes && stage === 'production') {
    throw new UsageError('--change-settings is not for production: try it on staging');
  }
}

/** What a command line gives of what experiments need; whether a stage has an edge its settings say. */
export function givenNeeds(flags: VerifyFlags): readonly Need[] {
  const isLocal = flags.stage === undefined;
  const needs: readonly (readonly [Need, boolean])[] = [
    ['aws', !isLocal],
    ['time', flags.long],
    ['settings', flags['change-settings']],
    // A stage says where it is; a local stack has it at its own address.
    ['socket', !isLocal || flags['stream-url'] === undefined || flags['socket-url'] !== undefined],
  ];
  return needs.filter(([, isGiven]) => isGiven).map(([need]) => need);
}
