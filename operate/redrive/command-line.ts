import { UsageError } from '../../commands/command-line.ts';
import type { Flags as FlagsOf } from '../../commands/command-line.ts';
import { applyHelp, applyOptions } from '../stack/apply.ts';
import type { Located } from '../stack/location.ts';
import { locate, locationHelp, locationOptions } from '../stack/location.ts';

export const help = `npm run -s redrive -- --stage NAME [--apply]

Lists the batches that the fan-out has given up, and makes up for them: tells the clients of each workspace concerned to
load the state again, once for each batch, and moves the batch behind redriven/. May be interrupted and run again.

  --stage NAME            a deployed stage; the outputs of its stack say where everything is
${applyHelp}

  --directory DIR         in place of the bucket: what stands for it in a local stack, which says it when it gives a
                          batch up

${locationHelp('failedBatches', 'eventsTable', 'historySeconds')}

Exit status: 0 all batches are done, or would be; 1 some are not; 2 wrong usage.`;

export const options = {
  ...locationOptions,
  ...applyOptions,
  bucket: { type: 'string' },
  directory: { type: 'string' },
} as const;

type Flags = FlagsOf<typeof options>;

/** Where the failed batches and the log are. */
export type RedriveTarget = Located<'eventsTable' | 'historySeconds'> & {
  readonly batches: { readonly bucket: string } | { readonly directory: string };
};

/**
 * Finds what the options name.
 * @throws {UsageError}; what `locate` throws.
 */
export async function locateBatches(flags: Flags): Promise<RedriveTarget> {
  const { stage, bucket, directory, endpoint } = flags;
  if (directory === undefined) {
    if (stage === undefined && bucket === undefined) {
      throw new UsageError('name what to redrive: --stage, --bucket or --directory, and one of them only');
    }
    const located = await locate(flags, ['failedBatches', 'eventsTable', 'historySeconds']);
    return { ...located, batches: { bucket: located.failedBatches } };
  }
  if (bucket !== undefined) {
    throw new UsageError('name what to redrive: --stage, --bucket or --directory, and one of them only');
  }
  const located = await locate(flags, ['eventsTable', 'historySeconds']);
  if (endpoint === undefined) {
    throw new UsageError('--endpoint is missing: the DynamoDB server of the local stack');
  }
  return { ...located, batches: { directory } };
}
