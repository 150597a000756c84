import { parseCount, UsageError } from '../commands/command-line.ts';
import type { Flags } from '../commands/command-line.ts';
import { functionMemory } from '../lib/functions/function-memory.ts';
import type { StageConfig } from '../lib/config/stage-schema.ts';
import type { ScaleHost } from './hosts.ts';
import { containerHost, functionHost, webFunctionHost } from './hosts.ts';
import type { Scenario, Spread } from './scenario.ts';

export const help = `npm run scale -- --streams 1000,10000 --workspaces 1

What breaks first when so many streams are open: for each number of streams, each spread over workspaces and each host the
limits in the order in which they are reached, the load of the hottest partitions, a storm in which all are cut at once, and
what a month costs. The same command line gives the same output.

  --streams LIST          numbers of open streams (1000,10000,100000,1000000)
  --workspaces LIST       numbers of workspaces, as many streams in each (one for each 100 streams; and 1)
  --changes N             changes of each workspace an hour; everybody in it hears of them (300)
  --presence              streams ask for presence, and each user says that it is there
  --headroom LIST         places that AWS gives, as many times the open streams, in a storm; containers have their own (1,2)
  --seed N                of the storm (1)
  --json FILE             writes all of it as JSON too

  --write-tables          instead: writes the tables of docs/SCALE.md anew

It asks nobody. The settings are those of the stage production; prices are in lib/operations/prices.ts, quotas with their
sources in scale/quotas.ts, what a process takes in scale/laptop.ts.

Exit status: 0 it is said, 1 it could not be, 2 wrong usage.`;

export const options = {
  streams: { type: 'string' },
  workspaces: { type: 'string' },
  changes: { type: 'string' },
  presence: { type: 'boolean' },
  headroom: { type: 'string' },
  seed: { type: 'string' },
  json: { type: 'string' },
  'write-tables': { type: 'boolean' },
} as const;

/** What a command line asks for. */
export interface ScaleCommand {
  readonly streams: readonly number[];
  readonly spreads: readonly Spread[];
  readonly hosts: readonly ScaleHost[];
  readonly usage: Pick<Scenario, 'changesPerHour' | 'presence' | 'handsOver'>;
  /** One storm for each. */
  readonly headrooms: readonly number[];
  readonly seed: number;
  readonly json: string | undefined;
}

const most = { streams: 10_000_000, changes: 1_000_000, headroom: 10, seed: 2 ** 31 - 1 };

/**
 * Reads a command line.
 * @throws {UsageError}
 */
export function readScaleCommand(flags: Flags<typeof options>, stage: StageConfig): ScaleCommand {
  if (flags['write-tables'] === true) throw new UsageError('--write-tables goes alone');
  const list = (text: string, flag: string, bound = most.streams): number[] =>
    text.split(',').map((each) => parseCount(each, flag, bound));
  const streams = list(flags.streams ?? '1000,10000,100000,1000000', '--streams');
  const workspaces = flags.workspaces === undefined ? [] : list(flags.workspaces, '--workspaces');
  if (Math.max(...workspaces) > Math.min(...streams))
    throw new UsageError('there are more --workspaces than --streams');
  return {
    streams,
    spreads:
      workspaces.length > 0
        ? workspaces.map((count) => ({ workspaces: count }))
        : [{ perWorkspace: 100 }, { workspaces: 1 }],
    hosts: [
      functionHost(functionMemory.stream),
      webFunctionHost(64),
      webFunctionHost(128),
      containerHost(stage),
    ],
    usage: {
      changesPerHour: parseCount(flags.changes ?? '300', '--changes', most.changes),
      presence: flags.presence === true ? { viewersPerStream: 1 } : undefined,
      handsOver: true,
    },
    headrooms: list(flags.headroom ?? '1,2', '--headroom', most.headroom),
    seed: parseCount(flags.seed ?? '1', '--seed', most.seed),
    json: flags.json,
  };
}
