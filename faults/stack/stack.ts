import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LocalFunction } from '../../local/functions/functions.ts';
import type { HostProcess } from '../../local/functions/host-process.ts';
import { FunctionProcess } from '../../local/functions/function-process.ts';
import { smallChunk } from '../../local/functions/held-chunks.ts';
import type { LocalStack, LocalStackOptions } from '../../local/stack.ts';
import { startLocalStack } from '../../local/stack.ts';
import { Control } from './control.ts';
import { LogWatch } from './log-watch.ts';
import { Seams } from '../../local/seams.ts';
import { TaskTable } from '../writes/task-table.ts';

/** How a stack differs from the one that most rows share. */
export type StackProfile =
  | 'usual'
  | 'short sessions'
  | 'sessions with handover'
  | 'full boards'
  | 'held chunks'
  | 'limits'
  | 'long'
  | 'unreadable log'
  | 'deadline'
  | 'presence'
  | 'stalled readers'
  | 'load'
  | 'shared host'
  | 'short requests'
  | 'rolling deploys'
  | 'little memory';

/** The time limit of the stream function in the profile `deadline`; of it the function keeps 10 s. Seconds. */
export const deadlineTimeoutSeconds = 14;

/** How long a process has to end in the profile `rolling deploys`, of which it keeps 10 s for the last. Seconds. */
export const stopSeconds = 12;

/** How long a request may take in the profile `short requests`, of which its process does not know. Seconds. */
const requestSeconds = 4;

/** The session length of the profile `short sessions`, seconds. */
export const shortSessionSeconds = 3;

/** The session length of the profile `sessions with handover`: a handover comes 5 s before the end. Seconds. */
export const handoverSessionSeconds = 10;

/** The limits of the profile `limits`: each board has eight streams, two of each user. */
export const limits = { perUser: 3, perWorkspace: 9 } as const;

/** How long a client of the profiles `long` and `stalled readers` may read nothing, seconds. */
export const slowReaderSeconds = 10;

const usual = {
  // Clients that cut their streams leave sessions behind; the limit has rows of its own.
  CONNECTIONS_PER_USER: '10000',
  CONNECTIONS_PER_WORKSPACE: '10000',
  // Hundreds of sessions that nobody reads go on polling for a while.
  POLL_MIN_MS: '10',
  POLL_MAX_MS: '50',
};

/** Each board is as full as it may be: a stream that hands over must not count. */
const noRoom = { CONNECTIONS_PER_USER: '2', CONNECTIONS_PER_WORKSPACE: '8' };

const profiles: Readonly<Record<StackProfile, Partial<LocalStackOptions>>> = {
  usual: { environment: usual },
  'short sessions': { environment: { ...usual, SESSION_SECONDS: String(shortSessionSeconds) } },
  'sessions with handover': { environment: { SESSION_SECONDS: String(handoverSessionSeconds), ...noRoom } },
  'full boards': { environment: noRoom },
  limits: {
    environment: {
      ...usual,
      CONNECTIONS_PER_USER: String(limits.perUser),
      CONNECTIONS_PER_WORKSPACE: String(limits.perWorkspace),
    },
  },
  // Rows that take long: the others need not wait.
  long: { environment: { ...usual, SLOW_READER_SECONDS: String(slowReaderSeconds) } },
  'unreadable log': { environment: usual },
  // Leases take their time: they run beside the others.
  presence: { environment: usual },
  deadline: { environment: usual, timeoutSeconds: { stream: deadlineTimeoutSeconds } },
  'stalled readers': { environment: { ...usual, SLOW_READER_SECONDS: String(slowReaderSeconds) } },
  // All read, but a thousand that come back at once may all have to wait for a busy machine.
  load: { environment: usual },
  // Their faults are of the host, and not of a workspace.
  'shared host': { environment: usual },
  // A time over which ends are spread that can be waited for.
  'rolling deploys': { environment: { ...usual, STOP_SECONDS: String(stopSeconds) } },
  'short requests': { environment: usual, timeoutSeconds: { stream: requestSeconds } },
  // Any process is above the mark.
  'little memory': { environment: { ...usual, MEMORY_MEGABYTES: '32' } },
  // With the padding of a deployed stage, which is what brings a held chunk through.
  'held chunks': { environment: { ...usual, PADDING_BYTES: '3' }, holdChunksBelow: smallChunk },
};

/** A running stack with its seams. */
export class FaultStack {
  readonly local: LocalStack;
  readonly seams: Seams;
  readonly database: DynamoDBDocumentClient;
  readonly tasks: TaskTable;
  /** How slow the machine is meanwhile. */
  readonly control = new Control();

  readonly #logs: LogWatch;
  readonly #seconds = new Map<string, FunctionProcess>();

  private constructor(local: LocalStack, seams: Seams, logs: LogWatch) {
    this.local = local;
    this.seams = seams;
    this.#logs = logs;
    this.database = DynamoDBDocumentClient.from(new DynamoDBClient(local.clientConfiguration), {
      marshallOptions: { removeUndefinedValues: true },
    });
    this.tasks = new TaskTable(this.database, this.table('tasks'));
  }

  /** @param assembly directory of the cloud assembly */
  static async start(assembly: string, profile: StackProfile): Promise<FaultStack> {
    const seams = new Seams();
    const logs = new LogWatch();
    const local = await startLocalStack({
      assembly,
      port: 0,
      databaseEndpoint: process.env['DYNAMODB_ENDPOINT'],
      prefix: `faults-${randomBytes(4).toString('hex')}`,
      onLog: logs.inspect,
      ...profiles[profile],
      ...seams.options,
    });
    return new FaultStack(local, seams, logs);
  }

  /** Signs a token; it must never stand in a log. */
  async sign(...request: Parameters<LocalStack['issuer']['sign']>): Promise<string> {
    const token = await this.local.issuer.sign(...request);
    this.#logs.remember(token);
    return token;
  }

  /** Secrets that the functions have logged since the last call, in words. */
  takeSecrets(): string[] {
    return this.#logs.take();
  }

  /** The name of a table: `tasks`, `events` or `connections`. */
  table(role: string): string {
    const name = this.local.tables[role];
    if (name === undefined) throw new Error(`the template has no table for ${role}`);
    return name;
  }

  /** A function by its short name. */
  function(name: string): LocalFunction {
    const found = this.local.functions.find((local) => local.name === name);
    if (found === undefined) throw new Error(`the template has no function named ${name}`);
    return found;
  }

  /** What runs a function, or hosts the streams, by its short name. */
  host(name: string): HostProcess {
    const found = this.local.hosts.get(name);
    if (found === undefined) throw new Error(`nothing of the template is named ${name}`);
    return found;
  }

  /** Kills all processes of a host; resolves when another one has taken their place. */
  async crash(name: string): Promise<void> {
    const host = this.host(name);
    await host.crash();
    await host.start();
  }

  /** Another process of a function, as Lambda starts one for each invocation that runs beside others. */
  secondProcess(name: string): FunctionProcess {
    const second =
      this.#seconds.get(name) ??
      new FunctionProcess(this.function(name).process.settings, this.#logs.inspect);
    this.#seconds.set(name, second);
    return second;
  }

  async close(): Promise<void> {
    this.database.destroy();
    await Promise.all([...this.#seconds.values()].map((second) => second.close()));
    await this.control.close();
    await this.local.close();
  }
}
