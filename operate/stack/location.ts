import { UsageError } from '../../commands/command-line.ts';
import { stageNames } from '../../lib/config/stage-names.ts';
import { readEndpoint } from './endpoint.ts';

/** What a stage has that the commands of operators work on: how the command line names it, and the stack's outputs. */
const parts = {
  tasksTable: { flag: 'tasks-table', output: 'TasksTableName' },
  eventsTable: { flag: 'events-table', output: 'EventsTableName' },
  connectionsTable: { flag: 'connections-table', output: 'ConnectionsTableName' },
  /** Where open WebSockets are sent to and ended. */
  socketsEndpoint: { flag: 'sockets-endpoint', output: 'SocketsEndpoint' },
  failedBatches: { flag: 'bucket', output: 'FailedBatchesBucket' },
  /** The stage's `historySeconds`. */
  historySeconds: { flag: 'history-seconds', output: 'HistorySeconds' },
} as const;

export type Part = keyof typeof parts;

/** The options that say where a stage is. Every command takes all of them, so that one list of them fits all. */
export const locationOptions = {
  stage: { type: 'string' },
  'tasks-table': { type: 'string' },
  'events-table': { type: 'string' },
  'connections-table': { type: 'string' },
  'sockets-endpoint': { type: 'string' },
  'history-seconds': { type: 'string' },
  endpoint: { type: 'string' },
} as const;

const defaultHistorySeconds = '86400';

/** What the command line says of the location. */
export type LocationFlags = { readonly [name in keyof typeof locationOptions]?: string | undefined };

/** The parts of a stage by their names; `endpoint` is the DynamoDB server of a local stack, undefined for AWS. */
export type Located<Name extends Part> = Readonly<Record<Name, string>> & {
  readonly endpoint: string | undefined;
};

/** How `help` explains the options of a location, for a command that needs some parts of it. */
export function locationHelp(...names: readonly Part[]): string {
  const lines = {
    tasksTable: '  --tasks-table NAME        the tasks table',
    eventsTable: '  --events-table NAME       the events table',
    connectionsTable: '  --connections-table NAME  the connections table',
    socketsEndpoint: '  --sockets-endpoint URL    where WebSockets are ended',
    failedBatches: '  --bucket NAME             the bucket of failed batches',
    historySeconds: `  --history-seconds N       the stage's historySeconds (default ${defaultHistorySeconds})`,
  } as const;
  return [
    'Without a stage, as npm start prints them for a local one:',
    ...names.map((name) => lines[name]),
    '  --endpoint URL            the DynamoDB server of a local stack',
    '',
    'On AWS it takes the account, the region and the rights of the environment (AWS_PROFILE, AWS_REGION).',
  ].join('\n');
}

/**
 * Finds parts of a stage: by the outputs of its stack, or as the command line names them. What talks to AWS is loaded only
 * where AWS is meant.
 * @param given what the command line says; parts that only one command has are in it by the names of their options.
 * @throws {UsageError} for a command line that names too little, too much or no stage; what `readOutputs` throws.
 */
export async function locate<Name extends Part>(
  given: LocationFlags & Readonly<Record<string, unknown>>,
  names: readonly Name[],
): Promise<Located<Name>> {
  const flagsOf = (name: Part): string => parts[name].flag;
  if (given.stage === undefined) return locateByNames(given, names);
  const all = [...(Object.keys(parts) as Part[]).map(flagsOf), 'endpoint', 'directory'];
  const other = all.find((flag) => given[flag] !== undefined);
  if (other !== undefined) throw new UsageError(`--stage says everything: leave --${other} out`);
  const deployed = stageNames.filter((name) => name !== 'local');
  if (!deployed.some((name) => name === given.stage)) {
    throw new UsageError(`--stage takes ${deployed.join(', ')}; a local stack is named by its tables`);
  }
  const { readOutputs } = await import('./stack-outputs.ts');
  const outputs = await readOutputs(
    given.stage,
    names.map((name) => parts[name].output),
  );
  const found = names.map((name) => [name, outputs[parts[name].output]]);
  return { ...(Object.fromEntries(found) as Record<Name, string>), endpoint: undefined };
}

function locateByNames<Name extends Part>(
  given: LocationFlags & Readonly<Record<string, unknown>>,
  names: readonly Name[],
): Located<Name> {
  const endpoint = readEndpoint(given.endpoint, 'endpoint');
  const found = names.map((name) => {
    const { flag } = parts[name];
    const value = given[flag] ?? (name === 'historySeconds' ? defaultHistorySeconds : undefined);
    if (typeof value === 'string') return [name, value] as const;
    const isNamed = names.some((each) => given[parts[each].flag] !== undefined);
    const flags = names.filter((each) => each !== 'historySeconds').map((each) => `--${parts[each].flag}`);
    throw new UsageError(
      isNamed ? `--${flag} is missing` : `name what to work on: --stage, or ${flags.join(' and ')}`,
    );
  });
  const located = Object.fromEntries(found) as Record<Name, string> & { historySeconds?: string };
  readEndpoint(located['socketsEndpoint' as Name], 'sockets-endpoint');
  if (!/^[1-9]\d{0,8}$/.test(located.historySeconds ?? defaultHistorySeconds)) {
    throw new UsageError('--history-seconds takes a whole number from 1');
  }
  return { ...located, endpoint };
}
