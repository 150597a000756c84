import { parseCount, UsageError } from '../../commands/command-line.ts';
import type { Flags } from '../../commands/command-line.ts';
import { stageNames } from '../../lib/config/stage-names.ts';
import type { Host, Usage } from './hosts.ts';
import { hosts } from './hosts.ts';

const deployed = stageNames.filter((name) => name !== 'local');
const transports = [...hosts.map(({ name }) => name), 'all'];

export const help = `npm run cost -- --streams 1000 --hours 8 --days 22 --changes 5/min

What a month costs: units, list prices and dollars by service, the transports side by side, and where to switch.

  --streams N           boards that are open at a time, a page each (100)
  --hours N             hours a day for which they are (8)
  --days N              days a month (22)
  --changes N/min, N/h  changes of each workspace, while they are open; each is made like a new task, and
                        everybody in the workspace hears of it (5/min)
  --workspaces N        workspaces that they are in, as many in each (1)
  --presence            with presence: each page says that it is there, and hears who else is
  --transport NAME      ${transports.join(', ')}: side by side (all)
  --stage NAME          ${deployed.join(', ')}: whose settings count, with those in cdk.json (dev)
  --json                for programs

  --write-tables        instead: writes the numbers of docs/DEPLOY.md anew, for the stages as they are in the code

It asks nobody: the prices are in lib/operations/prices.ts, and what is not counted but assumed in operate/cost/measured.ts.

Exit status: 0 it is said, 1 it could not be, 2 wrong usage.`;

export const options = {
  streams: { type: 'string' },
  hours: { type: 'string' },
  days: { type: 'string' },
  changes: { type: 'string' },
  workspaces: { type: 'string' },
  presence: { type: 'boolean' },
  transport: { type: 'string' },
  stage: { type: 'string' },
  json: { type: 'boolean' },
  'write-tables': { type: 'boolean' },
} as const;

type CostFlags = Flags<typeof options>;

/** What a command line asks for. */
export type CostCommand =
  | 'write-tables'
  | {
      readonly usage: Usage;
      readonly hosts: readonly Host[];
      readonly stage: string;
      readonly json: boolean;
    };

/** More than any board has: bounds for slips of the finger. */
const most = { streams: 1_000_000, changes: 1_000_000 } as const;

/**
 * Reads a command line.
 * @throws {UsageError}
 */
export function readCostCommand(flags: CostFlags): CostCommand {
  if (flags['write-tables'] === true) {
    if (Object.keys(flags).length > 1) throw new UsageError('--write-tables goes alone');
    return 'write-tables';
  }
  const { stage = 'dev', transport = 'all', presence = false, json = false } = flags;
  if (!deployed.some((name) => name === stage)) {
    throw new UsageError(`--stage takes ${deployed.join(', ')}, not ${JSON.stringify(stage)}`);
  }
  const chosen = hosts.filter(({ name }) => transport === 'all' || name === transport);
  if (chosen.length === 0) {
    throw new UsageError(`--transport takes ${transports.join(', ')}, not ${JSON.stringify(transport)}`);
  }
  const streams = parseCount(flags.streams ?? '100', '--streams', most.streams);
  const workspaces = parseCount(flags.workspaces ?? '1', '--workspaces', most.streams);
  if (workspaces > streams) throw new UsageError('there are more --workspaces than --streams');
  const usage: Usage = {
    streams,
    workspaces,
    hours: parseCount(flags.hours ?? '8', '--hours', 24),
    days: parseCount(flags.days ?? '22', '--days', 31),
    changesPerHour: parseRate(flags.changes ?? '5/min'),
    presence,
  };
  return { usage, hosts: chosen, stage, json };
}

/** Reads `5/min`, `300/h` or 0, an hour. */
function parseRate(text: string): number {
  const [, count, unit] = /^(\d{1,7})(?:\/(min|h))?$/.exec(text) ?? [];
  const rate = Number(count) * (unit === 'min' ? 60 : 1);
  if ((unit !== undefined || rate === 0) && rate <= most.changes) return rate;
  throw new UsageError(
    `--changes takes a number a minute or an hour, such as 5/min or 300/h, up to ${most.changes}/h, not ${JSON.stringify(text)}`,
  );
}
