import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startAwsEndpoint } from './data/aws-endpoint.ts';
import type { CapacityObserver } from './data/consumed-capacity.ts';
import { databaseFile, openDataDirectory } from './data/data-directory.ts';
import { startDatabase } from './data/database.ts';
import type { Database } from './data/database.ts';
import { databaseAccessKeyId, DatabaseClient } from './data/database-client.ts';
import { createEndpoints, readEdge } from './gateway/endpoints.ts';
import type { EndpointDomains } from './gateway/endpoints.ts';
import { startMappings } from './data/event-sources.ts';
import { sweepExpiredItems } from './data/expiry-sweep.ts';
import type { FaultSeams } from './fault-seams.ts';
import { openFrontDoor } from './gateway/front-door.ts';
import { AsyncInvocations } from './functions/async-invocations.ts';
import { createFunctions, requireDeclared } from './functions/functions.ts';
import type { FunctionOptions, LocalFunction } from './functions/functions.ts';
import type { HostProcess } from './functions/host-process.ts';
import { defaultInvokeConfig, readInvokeConfigs } from './functions/invoke-config.ts';
import { InvokeEndpoint } from './functions/invoke-endpoint.ts';
import { ParameterEndpoint } from './functions/parameter-endpoint.ts';
import { createIssuer } from './identity/issuer.ts';
import type { Issuer } from './identity/issuer.ts';
import { readBoard } from './gateway/board.ts';
import type { PageFile } from './gateway/page.ts';
import { AccessControl } from './iam/access-control.ts';
import type { AccessDecision } from './iam/access-control.ts';
import type { StreamPump } from './data/pump/stream-pump.ts';
import type { LogLine } from './functions/function-process.ts';
import { LocalMetrics } from './metrics/local-metrics.ts';
import { Shutdown } from './shutdown.ts';
import { CommandError } from '../commands/command-error.ts';
import { createTables } from './data/tables.ts';
import { readAssembly } from './template/assembly.ts';
import type { Assembly } from './template/assembly.ts';
import { localRegion, nameInArn, StackTemplate } from './template/stack-template.ts';
import type { Serve } from './gateway/serve.ts';
import type { TrafficObserver } from './gateway/traffic-log.ts';
import { warmUp } from './functions/warm-up.ts';
import { readStreamServers } from './servers/read-stream-servers.ts';
import type { ServerHost } from './servers/stream-servers.ts';
import { ManagementEndpoint } from './websocket/management.ts';
import { SocketRegistry } from './websocket/socket-registry.ts';
import { machineTimers } from './websocket/timers.ts';
import { readSocketAddress } from './websocket/socket-address.ts';

/** How to run a stack. */
export interface LocalStackOptions extends FaultSeams {
  /** Directory of the synthesized cloud assembly, or how to make it; called once the port is ours. */
  readonly assembly: string | (() => Promise<string>);
  /** 0 for any; default 8788. */
  readonly port?: number;
  /** Keeps tables, checkpoints, failed batches and the issuer's key here; in memory when it is left out. */
  readonly dataDirectory?: string | undefined;
  /** A DynamoDB server to use instead of the embedded one. */
  readonly databaseEndpoint?: string | undefined;
  /** Begin of all physical names: several stacks can share one database. Default `taskwire`. */
  readonly prefix?: string;
  /** Values that replace environment variables of the template. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What functions read from the Parameter Store, by full names. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Directory of the page, as `readBoard` takes it; none is served when it is left out. */
  readonly pageDirectory?: string;
  /** Hears what each request of a function consumes. */
  readonly onCapacity?: CapacityObserver;
  readonly onLog?: (line: LogLine) => void;
  /** Sees what comes and goes through the front door. */
  readonly traffic?: TrafficObserver | undefined;
  /** What answers below `/_ops`; nothing of the kind is there when it is left out. */
  readonly operators?: Serve;
}

/** A running stack. */
export interface LocalStack {
  readonly url: string;
  readonly port: number;
  readonly issuer: Issuer;
  /** The open WebSockets, by their ids. */
  readonly sockets: Pick<SocketRegistry, 'find' | 'ids'>;
  /** Domain names that AWS would give: a request with one as its Host goes there past the edge. */
  readonly domains: EndpointDomains;
  /** Role of a table (`tasks` for the variable TASKS_TABLE) → its name. */
  readonly tables: Readonly<Record<string, string>>;
  readonly functions: readonly LocalFunction[];
  /** Whatever runs code of the stack, by its short name: the functions, and what else hosts the streams. */
  readonly hosts: ReadonlyMap<string, HostProcess>;
  /** What hosts the streams, where no function does. */
  readonly streamHost: ServerHost | undefined;
  readonly pump: Pick<StreamPump, 'drained' | 'wake'>;
  /** What functions were asked for by functions that do not wait. */
  readonly invocations: Pick<AsyncInvocations, 'idle'>;
  /** What CloudWatch would know of it. */
  readonly metrics: Pick<LocalMetrics, 'graphs' | 'metrics' | 'series' | 'changed' | 'alarms' | 'values'> & {
    readonly platform: Pick<LocalMetrics['platform'], 'sample'>;
  };
  readonly databaseEndpoint: string;
  /** Where open WebSockets are sent to and ended, with the rights of {@link clientConfiguration}. */
  readonly socketsEndpoint: string;
  readonly databasePid: number | undefined;
  /** Configuration of an SDK client that reaches the tables with full rights, as a script or the console would. */
  readonly clientConfiguration: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** Directory that holds a directory for each bucket of the template. */
  readonly bucketsDirectory: string;
  /** What the functions asked AWS for, and whether the template's policies allow it. */
  readonly decisions: () => AccessDecision[];
  /** Resolves with a sentence when a part that the stack cannot do without ends by itself. */
  readonly lost: Promise<string>;
  readonly close: () => Promise<void>;
}

export const defaultPort = 8788;
const sweepMs = 60_000;
/** How often it is looked how many invocations run. */
const sampleMs = 10_000;

/**
 * Runs the stack of a synthesized template on this machine.
 * @returns when a first request would succeed.
 * @throws {CommandError} with one line that says what to do.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const shutdown = new Shutdown();
  try {
    return await start(options, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function start(options: LocalStackOptions, shutdown: Shutdown): Promise<LocalStack> {
  // First, because it fails first.
  const frontDoor = await openFrontDoor(options.port ?? defaultPort, options.traffic);
  shutdown.add(() => frontDoor.close());
  const directory = prepareDirectory(options.dataDirectory, shutdown);
  const [assembly, database, page] = await Promise.all([
    openAssembly(options.assembly),
    openDatabase(options, shutdown),
    options.pageDirectory === undefined ? new Map<string, PageFile>() : readBoard(options.pageDirectory),
  ]);
  const client = new DatabaseClient(database.endpoint);
  shutdown.add(() => client.close());
  const template = new StackTemplate(assembly, options.prefix ?? 'taskwire', { LocalPort: frontDoor.port });
  const metrics = new LocalMetrics(template, options.metricsNow ?? Date.now);
  const { platform } = metrics;
  const onLog = (line: LogLine): void => {
    metrics.log(line);
    options.onLog?.(line);
  };
  const access = new AccessControl();
  const wakers: Array<(tableArn: string) => void> = [];
  const socketAddress = readSocketAddress(template);
  const sockets = { registry: new SocketRegistry(), timers: options.socketTimers ?? machineTimers };
  const invocations = new AsyncInvocations({
    onError: onLog,
    onInvocation: options.onAsyncInvocation,
    onDropped: (arn) => platform.eventDropped(nameInArn(arn)),
    now: Date.now,
    wait: async (milliseconds, signal) => {
      await wait(milliseconds, undefined, { ref: false, signal }).catch(() => {});
    },
  });
  const endpoint = await startAwsEndpoint({
    database: client,
    access,
    management: new ManagementEndpoint({
      address: socketAddress,
      registry: sockets.registry,
      access,
      onCall: options.onSocketCall,
    }),
    invoke: new InvokeEndpoint(access, invocations),
    parameters: new ParameterEndpoint(access, options.parameters ?? {}),
    onWrite: (tableArn) => {
      for (const wake of wakers) wake(tableArn);
    },
    onCapacity: (consumed) => {
      platform.consumed(consumed);
      options.onCapacity?.(consumed);
    },
    onCall: options.onAwsCall,
  });
  shutdown.add(() => endpoint.close());
  const tables = await createTables(template, client);
  const functionOptions: FunctionOptions = {
    template,
    access,
    awsEndpoint: endpoint.url,
    environment: options.environment ?? {},
    onLog,
    clockSkewMs: options.clockSkewMs,
    timeoutSeconds: options.timeoutSeconds ?? {},
    reservedConcurrency: options.reservedConcurrency,
    platform,
  };
  const functions = createFunctions(functionOptions);
  const edge = readEdge(template);
  const servers = readStreamServers(functionOptions, edge.signature);
  const hosted = servers === undefined ? [] : [servers];
  requireDeclared(functionOptions.environment, [...functions, ...hosted]);
  metrics.watchLogs([
    ...functions.map(logOf),
    ...hosted.map(({ name, logGroup }) => [name, logGroup] as const),
  ]);
  addTargets(invocations, template, functions);
  shutdown.add(async () => {
    invocations.stop();
    await Promise.all([...functions.map((local) => local.process.close()), servers?.host.close()]);
    await invocations.idle();
  });
  const issuer = await createIssuer(
    frontDoor.port,
    options.dataDirectory === undefined ? undefined : path.join(directory, 'issuer-key.json'),
  );
  const endpoints = createEndpoints(template, functions, options, sockets, platform, servers, edge);
  await Promise.all([...functions.map(startFunction), servers?.host.start()]);
  const bucketsDirectory = path.join(directory, 'buckets');
  const mappings = await startMappings({
    template,
    tables,
    functions,
    database: client,
    access,
    bucketsDirectory,
    checkpointFile:
      options.dataDirectory === undefined ? undefined : path.join(directory, 'checkpoints.json'),
    wrapDeliver: options.wrapDeliver ?? ((deliver) => deliver),
    onError: (text) => onLog({ functionName: 'stack', stream: 'stderr', text }),
    now: options.mappingNow ?? Date.now,
    platform,
  });
  shutdown.add(() => mappings.close());
  wakers.push((tableArn) => mappings.wakeFor(tableArn));
  const sweep = setInterval(() => {
    const now = Math.floor(Date.now() / 1000);
    Promise.all(tables.map((table) => sweepExpiredItems(client, table, now))).catch((error: unknown) => {
      onLog({ functionName: 'stack', stream: 'stderr', text: `TTL sweep: ${(error as Error).message}` });
    });
  }, sweepMs);
  shutdown.add(() => clearInterval(sweep));
  const samples = setInterval(() => void platform.sample(), sampleMs);
  shutdown.add(() => clearInterval(samples));
  // The last to be added, and so the first to run.
  shutdown.add(() => frontDoor.shut());
  frontDoor.open({ ...endpoints, issuer: issuer.serve, page, operators: options.operators });
  await warmUp(frontDoor.port, issuer);
  return {
    url: `http://localhost:${frontDoor.port}`,
    port: frontDoor.port,
    issuer,
    sockets: sockets.registry,
    domains: endpoints.domains,
    tables: tableRoles(functions),
    functions,
    hosts: new Map<string, HostProcess>([
      ...functions.map(({ name, process }) => [name, process] as const),
      ...hosted.map(({ name, host }) => [name, host] as const),
    ]),
    streamHost: servers?.host,
    pump: mappings,
    invocations,
    metrics,
    databaseEndpoint: database.endpoint,
    socketsEndpoint: `${endpoint.url}/${socketAddress.domain}/${socketAddress.stage}`,
    databasePid: database.pid,
    clientConfiguration: {
      endpoint: database.endpoint,
      region: localRegion,
      credentials: { accessKeyId: databaseAccessKeyId, secretAccessKey: 'local' },
    },
    bucketsDirectory,
    decisions: () => access.decisions(),
    lost: database.lost,
    close: () => shutdown.run(),
  };
}

function prepareDirectory(dataDirectory: string | undefined, shutdown: Shutdown): string {
  if (dataDirectory === undefined) {
    const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-'));
    const remove = (): void => rmSync(directory, { recursive: true, force: true });
    process.once('exit', remove);
    shutdown.add(() => {
      process.off('exit', remove);
      remove();
    });
    return directory;
  }
  return openDataDirectory(dataDirectory);
}

async function openAssembly(assembly: LocalStackOptions['assembly']): Promise<Assembly> {
  return readAssembly(typeof assembly === 'string' ? assembly : await assembly());
}

async function openDatabase(
  { databaseEndpoint, dataDirectory }: LocalStackOptions,
  shutdown: Shutdown,
): Promise<Database> {
  const database = await startDatabase({
    endpoint: databaseEndpoint,
    file: dataDirectory === undefined ? undefined : path.resolve(dataDirectory, databaseFile),
  });
  shutdown.add(() => database.close());
  return database;
}

function addTargets(
  invocations: AsyncInvocations,
  template: StackTemplate,
  functions: readonly LocalFunction[],
): void {
  const configs = readInvokeConfigs(template);
  for (const local of functions)
    invocations.add(local, configs.get(template.physicalName(local.logicalId)) ?? defaultInvokeConfig);
}

function logOf({ name, process }: LocalFunction): readonly [name: string, logGroup: string | undefined] {
  return [name, process.settings.environment['AWS_LAMBDA_LOG_GROUP_NAME']];
}

async function startFunction({ name, process }: LocalFunction): Promise<void> {
  try {
    await process.start();
  } catch (error) {
    throw new CommandError(`the function ${name} does not load: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function tableRoles(functions: readonly LocalFunction[]): Record<string, string> {
  const roles: Record<string, string> = {};
  for (const { environment } of functions) {
    for (const [variable, value] of Object.entries(environment)) {
      if (variable.endsWith('_TABLE')) roles[variable.slice(0, -'_TABLE'.length).toLowerCase()] = value;
    }
  }
  return roles;
}
