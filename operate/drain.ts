/** `npm run drain`: asks all open streams of a stage to end, so that their clients come to the version just deployed. */
import { drainStartsMs, drainSpreadMs } from '../core/connections/drain.ts';
import { DrainMarker } from '../lambdas/shared/dynamodb/drain-marker.ts';
import { stageNames } from '../lib/config/stage-names.ts';
import { runCommand, UsageError } from '../commands/command-line.ts';
import type { Flags } from '../commands/command-line.ts';
import { explain } from './stack/explain.ts';
import { readEndpoint } from './stack/endpoint.ts';
import { openTables } from './stack/tables.ts';

const help = `npm run -s drain -- --stage NAME

Asks every stream that is open now to end, spread by chance over 12 s, or over as many seconds as it takes for 50
streams each, where there are more than 600: AWS Lambda adds 100 environments a second to a function, and whoever comes
when there is none is refused for good. It counts the streams first, which reads the connections table, and says how
long it takes. Their clients come back with their cursors, to the functions that are deployed now, and miss nothing.

  --stage NAME                a deployed stage; the outputs of its stack say where everything is

Without a stage:
  --connections-table NAME    the connections table
  --endpoint URL              the DynamoDB server of a local stack

On AWS it takes the account, the region and the rights of the environment (AWS_PROFILE, AWS_REGION).

Exit status: 0 the streams are asked, 1 they could not be, 2 wrong usage.`;

interface Target {
  readonly table: string;
  readonly endpoint?: string | undefined;
}

const options = {
  stage: { type: 'string' },
  'connections-table': { type: 'string' },
  endpoint: { type: 'string' },
} as const;

async function locate(flags: Flags<typeof options>): Promise<Target> {
  const { stage, endpoint, 'connections-table': table } = flags;
  if ((stage === undefined) === (table === undefined)) {
    throw new UsageError('name what to drain: --stage or --connections-table, and one of them only');
  }
  if (table !== undefined) return { table, endpoint: readEndpoint(endpoint) };
  if (endpoint !== undefined) throw new UsageError('--stage says everything: leave --endpoint out');
  if (stage === 'local' || !stageNames.some((name) => name === stage)) {
    const deployed = stageNames.filter((name) => name !== 'local').join(', ');
    throw new UsageError(`--stage takes ${deployed}; a local stack is named by --connections-table`);
  }
  const { readOutputs } = await import('./stack/stack-outputs.ts');
  return { table: (await readOutputs(stage!, ['ConnectionsTableName'])).ConnectionsTableName };
}

await runCommand({
  name: 'drain',
  call: 'npm run -s drain',
  help,
  options,
  explain,
  run: async (flags) => {
    const target = await locate(flags);
    const marker = new DrainMarker(openTables(target.endpoint), target.table);
    const before = Date.now();
    const streams = await marker.countStreams(before);
    const spreadMs = drainSpreadMs(streams);
    await marker.write({ before, spreadMs });
    const seconds = Math.ceil((drainStartsMs + spreadMs) / 1000);
    const opened = new Date(before).toISOString();
    console.log(`${streams} streams that opened before ${opened} end within ${seconds} s`);
  },
});
