import { stageNames } from '../../lib/config/stage-names.ts';
import { UsageError } from '../../commands/command-line.ts';
import type { Flags as FlagsOf } from '../../commands/command-line.ts';
import { readEndpoint } from '../stack/endpoint.ts';

export const help = `npm run -s redrive -- --stage NAME [--dry-run]

Makes up for the batches that the fan-out has given up: tells the clients of each workspace concerned to load the state
again, once for each batch, and moves the batch behind redriven/. May be interrupted and run again.

  --stage NAME            a deployed stage; the outputs of its stack say where everything is
  --dry-run               find out only

Without a stage:
  --bucket NAME           the bucket of failed batches, or
  --directory DIR         the directory that stands for it in a local stack, which says it when it gives a batch up
  --events-table NAME     the events table
  --endpoint URL          the DynamoDB server of a local stack
  --history-seconds N     the stage's historySeconds (default 86400)

On AWS it takes the account, the region and the rights of the environment (AWS_PROFILE, AWS_REGION).

Exit status: 0 all batches are done, 1 some are not, 2 wrong usage.`;

/** Where the failed batches and the log are. */
export type RedriveTarget =
  | { readonly stage: string }
  | {
      readonly batches: { readonly bucket: string } | { readonly directory: string };
      readonly eventsTable: string;
      readonly endpoint: string | undefined;
      readonly historySeconds: number;
    };

/** What the command line asks for. */
export interface RedriveCommand {
  readonly target: RedriveTarget;
  readonly dryRun: boolean;
}

export const options = {
  stage: { type: 'string' },
  bucket: { type: 'string' },
  directory: { type: 'string' },
  'events-table': { type: 'string' },
  endpoint: { type: 'string' },
  'history-seconds': { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
} as const;

type Flags = FlagsOf<typeof options>;

/**
 * Reads the options.
 * @throws {UsageError}
 */
export function readRedriveCommand(flags: Flags): RedriveCommand {
  return {
    target: flags.stage === undefined ? explicitTarget(flags) : stageTarget(flags, flags.stage),
    dryRun: flags['dry-run'],
  };
}

function stageTarget(flags: Flags, stage: string): RedriveTarget {
  const other = (['bucket', 'directory', 'events-table', 'endpoint', 'history-seconds'] as const).find(
    (flag) => flags[flag] !== undefined,
  );
  if (other !== undefined) throw new UsageError(`--stage says everything: leave --${other} out`);
  const deployed = stageNames.filter((name) => name !== 'local');
  if (!deployed.some((name) => name === stage)) {
    throw new UsageError(`--stage takes ${deployed.join(', ')}; a local stack is named by --directory`);
  }
  return { stage };
}

function explicitTarget(flags: Flags): RedriveTarget {
  const { bucket, directory, endpoint } = flags;
  const eventsTable = flags['events-table'];
  if ((bucket === undefined) === (directory === undefined)) {
    throw new UsageError('name what to redrive: --stage, --bucket or --directory, and one of them only');
  }
  if (eventsTable === undefined) throw new UsageError('--events-table is missing');
  if (directory !== undefined && endpoint === undefined) {
    throw new UsageError('--endpoint is missing: the DynamoDB server of the local stack');
  }
  const history = flags['history-seconds'] ?? '86400';
  if (!/^[1-9]\d{0,8}$/.test(history)) throw new UsageError('--history-seconds takes a whole number from 1');
  const batches = bucket === undefined ? { directory: directory! } : { bucket };
  return { batches, eventsTable, endpoint: readEndpoint(endpoint), historySeconds: Number(history) };
}
