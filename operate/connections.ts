/** `npm run connections`: lists the open streams and WebSockets of a stage, and ends them. */
import { CommandError } from '../commands/command-error.ts';
import type { Flags } from '../commands/command-line.ts';
import { runCommand, UsageError } from '../commands/command-line.ts';
import type { ListedConnection } from './connections/connection-table.ts';
import { ConnectionTable } from './connections/connection-table.ts';
import type { EndMode } from './connections/end.ts';
import { endConnections } from './connections/end.ts';
import { endPorts } from './connections/ports.ts';
import { textOf } from './connections/report.ts';
import { progress } from './print/progress.ts';
import { applyHelp, applyOptions, dryRunNote } from './stack/apply.ts';
import { explain } from './stack/explain.ts';
import { locate, locationHelp, locationOptions } from './stack/location.ts';
import { openTables } from './stack/tables.ts';

const help = `npm run -s connections -- --stage NAME [--workspace W] [--user U] [--json]
npm run -s connections -- --stage NAME --end ID [--for-good] [--apply]
npm run -s connections -- --stage NAME --workspace W --user U --end-all [--for-good] [--apply]

Lists open streams and WebSockets: whose they are, since when and until when at the latest, when the lease runs out and
when the client was last heard of where it renews one, and why one must end that was asked to; then how many each
workspace has. With --end or --end-all it ends them: streams within 5 s, WebSockets at once.

  --stage NAME            a deployed stage; the outputs of its stack say where everything is
  --workspace W           of this workspace; without it the whole connections table is read
  --user U                of this user
  --json                  the list as JSON
  --end ID                ends this one
  --end-all               ends all that --workspace and --user name, 50 in a second
  --for-good              the clients do not come back: their tokens are refused from now on. Without it they come back
                          by themselves, with their cursors
${applyHelp}

${locationHelp('connectionsTable', 'socketsEndpoint')}

Exit status: 0 it is done, or would be; 1 it is not; 2 wrong usage.`;

const options = {
  ...locationOptions,
  ...applyOptions,
  workspace: { type: 'string' },
  user: { type: 'string' },
  json: { type: 'boolean', default: false },
  end: { type: 'string' },
  'end-all': { type: 'boolean', default: false },
  'for-good': { type: 'boolean', default: false },
} as const;

type ConnectionFlags = Flags<typeof options>;

/** @throws {UsageError} for what does not go together. */
function checkFlags(flags: ConnectionFlags): boolean {
  const { end, 'end-all': endAll, 'for-good': forGood, apply, workspace, user, json } = flags;
  const ends = end !== undefined || endAll;
  if (end !== undefined && endAll) throw new UsageError('--end names one: leave --end-all out');
  if (endAll && workspace === undefined && user === undefined) {
    throw new UsageError('--end-all needs --workspace or --user; npm run drain ends the streams of a stage');
  }
  if (!ends && (apply || forGood)) throw new UsageError('name what to end: --end or --end-all');
  if (ends && json) throw new UsageError('--json is for the list: leave it out');
  return ends;
}

function list(flags: ConnectionFlags, connections: readonly ListedConnection[]): void {
  console.log(flags.json ? JSON.stringify(connections, undefined, 2) : textOf(connections, Date.now()));
}

/** @returns the exit status. */
async function endThem(
  flags: ConnectionFlags,
  found: readonly ListedConnection[],
  target: {
    readonly connectionsTable: string;
    readonly socketsEndpoint: string;
    readonly endpoint: string | undefined;
  },
): Promise<number> {
  const connections = flags.end === undefined ? found : found.filter(({ id }) => id === flags.end);
  if (flags.end !== undefined && connections.length === 0) {
    throw new CommandError('there is no open connection with this id');
  }
  console.log(textOf(connections, Date.now()));
  if (!flags.apply) {
    const back = flags['for-good'] ? 'would be shut out with the tokens that they have' : 'would come back';
    if (connections.length > 0) console.log(`these would end, and their clients ${back}\n${dryRunNote}`);
    return 0;
  }
  let troubles = 0;
  const ports = endPorts({
    client: openTables(target.endpoint),
    table: target.connectionsTable,
    socketsEndpoint: target.socketsEndpoint,
    isLocal: target.endpoint !== undefined,
    onTrouble: (message) => {
      troubles += 1;
      console.error(`connections: ${message}`);
    },
  });
  const mode: EndMode = flags['for-good'] ? 'for good' : 'comes back';
  await endConnections(connections, mode, ports, ({ user, id }, outcome) => {
    console.log(`${id} of ${user}: ${outcome}`);
  });
  return troubles > 0 ? 1 : 0;
}

await runCommand({
  name: 'connections',
  call: 'npm run -s connections',
  help,
  options,
  explain,
  run: async (flags) => {
    const ends = checkFlags(flags);
    const parts = ends ? (['connectionsTable', 'socketsEndpoint'] as const) : (['connectionsTable'] as const);
    const target = await locate<'connectionsTable' | 'socketsEndpoint'>(flags, parts);
    const table = new ConnectionTable(openTables(target.endpoint), target.connectionsTable);
    const found = await table.list(flags, Date.now(), progress('connections', 'items read'));
    if (!ends) return list(flags, found);
    return endThem(flags, found, target);
  },
});
