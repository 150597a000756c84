import { UsageError } from '../../commands/command-line.ts';
import { systemClock } from '../../lambdas/shared/runtime/clock.ts';
import { Deployment } from '../../tools/smoke/deployment.ts';
import type { SmokeCommand } from '../../tools/smoke/command-line.ts';
import { readSmokeCommand } from '../../tools/smoke/command-line.ts';
import { readEndpoint } from '../stack/endpoint.ts';
import { readStage } from '../stack/stage-settings.ts';
import { openTables } from '../stack/tables.ts';
import type { VerifyFlags } from './command-line.ts';
import { billedDay } from './command-line.ts';
import type { Context, StageFacts } from './context.ts';

/** A context but for what belongs to one run. */
export type OpenedContext = Omit<Context, 'signal' | 'say'>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a client finds a stage, and its operator the tables. */
interface Location {
  readonly baseUrl: string | undefined;
  readonly streamUrl: string | undefined;
  readonly socketUrl: string | undefined;
  readonly eventsTable: string;
  readonly connectionsTable: string;
  /** The bucket of failed batches; undefined for a local stack. */
  readonly bucket: string | undefined;
}

async function locateStage(name: string, { edge }: StageFacts): Promise<Location> {
  const { readOutputs } = await import('../stack/stack-outputs.ts');
  const common = ['EventsTableName', 'ConnectionsTableName', 'FailedBatchesBucket'] as const;
  const addresses = edge === 'on' ? (['Url'] as const) : (['ApiUrl', 'StreamUrl', 'WebSocketUrl'] as const);
  const outputs: Readonly<Record<string, string>> = await readOutputs(name, [...common, ...addresses]);
  return {
    baseUrl: outputs['Url'] ?? outputs['ApiUrl'],
    streamUrl: outputs['StreamUrl'],
    socketUrl: outputs['WebSocketUrl'],
    eventsTable: outputs['EventsTableName']!,
    connectionsTable: outputs['ConnectionsTableName']!,
    bucket: outputs['FailedBatchesBucket']!,
  };
}

/** What the command line says of a local stack. */
function locateLocal(flags: VerifyFlags): Location {
  return {
    baseUrl: undefined,
    streamUrl: undefined,
    socketUrl: undefined,
    eventsTable: flags['events-table']!,
    connectionsTable: flags['connections-table']!,
    bucket: undefined,
  };
}

/** Addresses and token, read as the smoke test reads them. */
function readAddress(flags: VerifyFlags, location: Location, environment: Environment): SmokeCommand {
  const given = {
    'base-url': flags['base-url'] ?? location.baseUrl,
    // Whoever says where the API is means the stream too.
    'stream-url': flags['stream-url'] ?? (flags['base-url'] === undefined ? location.streamUrl : undefined),
    'socket-url': flags['socket-url'] ?? location.socketUrl,
    token: flags.token,
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return readSmokeCommand({ ...Object.fromEntries(known), page: false, 'skip-stream': false }, environment);
}

/**
 * Finds a stage, and opens what experiments work with.
 * @param environment may hold the token.
 * @throws {UsageError} for addresses and tokens that are none; what `readOutputs` throws.
 */
export async function openContext(flags: VerifyFlags, environment: Environment): Promise<OpenedContext> {
  const stage = await readStage(flags.stage ?? 'local');
  const location = flags.stage === undefined ? locateLocal(flags) : await locateStage(flags.stage, stage);
  const address = readAddress(flags, location, environment);
  const { bucket, connectionsTable, eventsTable } = location;
  return {
    stage,
    deployment: new Deployment(address),
    socket: address.socketUrl && { url: address.socketUrl, token: address.token },
    tables: {
      client: openTables(readEndpoint(flags.endpoint, 'endpoint')),
      connections: connectionsTable,
      events: eventsTable,
    },
    aws: bucket === undefined ? undefined : (await import('./aws/open-aws.ts')).openAws(stage.name, bucket),
    billedDay: billedDay(flags, Date.now()),
    clock: systemClock,
    mayTakeHours: flags.long,
    mayChangeSettings: flags['change-settings'],
  };
}

/** The token that was given, for what must not be printed; undefined where none was. */
export function givenToken({ token }: VerifyFlags, environment: Environment): string | undefined {
  const given = token ?? environment['TASKWIRE_TOKEN'];
  if (given === '') throw new UsageError('--token is empty');
  return given;
}
