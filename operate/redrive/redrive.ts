import type { AppendOptions, AppendStore } from '../../core/log/append.ts';
import { appendResync } from '../../core/log/append.ts';
import type { BatchStore } from './batch-store.ts';
import { readFailedBatch } from './failed-batch.ts';

/** What became of one workspace of a failed batch. */
export interface WorkspaceOutcome {
  readonly workspace: string;
  /** `resync`: its clients are told to load again; `logged`: the log holds all of it, nothing is to be done. */
  readonly outcome: 'resync' | 'logged';
}

/** What became of one failed batch; `fault` says why it is not done. */
export interface BatchOutcome {
  readonly name: string;
  /** How many records it has; undefined where it cannot be read. */
  readonly records: number | undefined;
  readonly workspaces: readonly WorkspaceOutcome[];
  readonly fault?: unknown;
}

export interface RedriveOptions extends AppendOptions {
  /** Whether to find out only. */
  readonly dryRun: boolean;
}

/**
 * Makes up for one failed batch: each workspace whose log lacks something of it gets one `resync` that stands for what
 * is missing. Old images are never told: what they say may have changed since. Then the batch is marked as done. It may
 * be interrupted anywhere and run again: what the log has is found there.
 */
export async function redriveBatch(
  name: string,
  batches: BatchStore,
  log: AppendStore,
  options: RedriveOptions,
): Promise<BatchOutcome> {
  let records: number | undefined;
  const workspaces: WorkspaceOutcome[] = [];
  try {
    const batch = readFailedBatch(await batches.read(name));
    ({ records } = batch);
    const target = options.dryRun ? withoutWrites(log) : log;
    for (const { workspace, changes } of batch.workspaces) {
      const appended = await appendResync(target, { workspace, stream: batch.stream, changes }, options);
      workspaces.push({ workspace, outcome: appended > 0 ? 'resync' : 'logged' });
    }
    if (!options.dryRun) await batches.markDone(name);
    return { name, records, workspaces };
  } catch (error) {
    return { name, records, workspaces, fault: error };
  }
}

function withoutWrites(log: AppendStore): AppendStore {
  return {
    readHead: (workspace) => log.readHead(workspace),
    readBack: (workspace, to) => log.readBack(workspace, to),
    append: () => Promise.resolve(true),
  };
}
