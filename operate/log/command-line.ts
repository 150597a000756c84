import { setTimeout as wait } from 'node:timers/promises';
import { parseCount, UsageError } from '../../commands/command-line.ts';
import { isWorkspaceName } from '../../core/subscription/principal.ts';
import { progress } from '../print/progress.ts';
import type { LocationFlags } from '../stack/location.ts';
import { locate, locationHelp, locationOptions } from '../stack/location.ts';
import { openTables } from '../stack/tables.ts';
import type { InspectOptions, InspectPorts } from './inspect.ts';
import { inspectPorts } from './ports.ts';

/** The options of every command that looks at a log. */
export const inspectOptions = {
  ...locationOptions,
  workspace: { type: 'string' },
  settle: { type: 'string', default: '10' },
} as const;

export const inspectHelp = `  --stage NAME            a deployed stage; the outputs of its stack say where everything is
  --workspace W           the workspace
  --settle N              how many seconds a change may be on its way from the table to the log (default 10): where they
                          differ it looks again after that`;

export const inspectLocationHelp = locationHelp('tasksTable', 'eventsTable', 'historySeconds');

/** What a command that looks at a log works on. */
export interface InspectTarget {
  readonly workspace: string;
  readonly ports: InspectPorts;
  readonly options: InspectOptions;
}

/**
 * Opens what the options name.
 * @param name of the command, for its progress.
 * @throws {UsageError}; what `locate` throws.
 */
export async function openTarget(
  name: string,
  recent: number,
  flags: LocationFlags & { readonly workspace?: string | undefined; readonly settle: string },
): Promise<InspectTarget> {
  const { workspace, settle } = flags;
  if (workspace === undefined) throw new UsageError('--workspace is missing');
  if (!isWorkspaceName(workspace)) throw new UsageError('--workspace takes the name of a workspace');
  const settleSeconds = settle === '0' ? 0 : parseCount(settle, '--settle', 3600);
  const located = await locate(flags, ['tasksTable', 'eventsTable', 'historySeconds']);
  const client = openTables(located.endpoint);
  return {
    workspace,
    ports: inspectPorts(client, located),
    options: {
      now: Date.now,
      historySeconds: Number(located.historySeconds),
      recent,
      settle: () => {
        if (settleSeconds > 0)
          console.error(`${name}: table and log differ: looking again in ${settleSeconds} s ...`);
        return wait(settleSeconds * 1000);
      },
      onRead: progress(name, 'segments read'),
      onTasks: progress(name, 'tasks read'),
    },
  };
}
