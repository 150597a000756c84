import type { Flags } from '../../commands/command-line.ts';
import { UsageError } from '../../commands/command-line.ts';

export const help = `npm run -s review -- [--base main] [options]

Prints what a deploy of the working tree would change against the commit where its branch left the base, as Markdown:
what can lose data and what opens access first, then other changes, the sizes of the functions, and what changes the bill.
Needs no AWS account and no network.

  --base REVISION     branch, tag or commit (default main)
  --stage NAME        only this stage; may be given more than once (default: all that can be deployed)
  --json              print JSON instead
  --fail-on WHAT      exit with 1 when there is a finding of data-loss or of security; may be given more than once
  --install           install the base's own packages with npm where they differ (needs the network)
  --characters N      cut the Markdown to so many characters

Exit status: 0 with a report, 1 for --fail-on, 2 where no report can be made.`;

const alarms = ['data-loss', 'security'] as const;
export type Alarm = (typeof alarms)[number];

/** What the command line asks for. */
export interface ReviewCommand {
  readonly base: string;
  /** Empty for all. */
  readonly stages: readonly string[];
  readonly json: boolean;
  readonly failOn: readonly Alarm[];
  readonly install: boolean;
  readonly characters: number;
}

export const options = {
  base: { type: 'string', default: 'main' },
  stage: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
  'fail-on': { type: 'string', multiple: true, default: [] as string[] },
  install: { type: 'boolean', default: false },
  characters: { type: 'string' },
} as const;

/**
 * Reads the options.
 * @throws {UsageError}
 */
export function readReviewCommand(flags: Flags<typeof options>): ReviewCommand {
  const characters = flags.characters === undefined ? Infinity : Number(flags.characters);
  if (!(characters >= 1000)) throw new UsageError('--characters takes a number from 1000');
  const { base, stage: stages, json, install } = flags;
  return { base, stages, json, install, characters, failOn: flags['fail-on'].map(alarm) };
}

function alarm(text: string): Alarm {
  const known = alarms.find((name) => name === text);
  if (known === undefined) throw new UsageError(`--fail-on takes ${alarms.join(' or ')}`);
  return known;
}
