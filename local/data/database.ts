import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findDatabaseBinary } from './database-binary.ts';
import { DatabaseClient } from './database-client.ts';
import { shorten } from '../../commands/fault-text.ts';
import { findFreePort } from '../../commands/free-port.ts';
import { CommandError } from '../../commands/command-error.ts';

/** A DynamoDB-compatible server that the stack uses, its own or another's. */
export interface Database {
  readonly endpoint: string;
  /** Process id of the embedded server; undefined for a server that somebody else runs. */
  readonly pid: number | undefined;
  /** Resolves with a sentence when the embedded server ends by itself. */
  readonly lost: Promise<string>;
  readonly close: () => Promise<void>;
}

/** What to start, and where it keeps its data. */
export interface DatabaseOptions {
  /** A server that runs already, such as `http://127.0.0.1:8000`; nothing is started then. */
  readonly endpoint?: string | undefined;
  /** SQLite file of the embedded server; in memory when it is left out. */
  readonly file?: string | undefined;
}

const supervisorFile = fileURLToPath(new URL('database-supervisor.ts', import.meta.url));
const startAttempts = 3;
/** It takes a tenth of a second; on a machine that is very busy, some. */
const startLimitMs = 60_000;

/**
 * Gives a running database: the one at `endpoint`, or an embedded dynoxide.
 * @throws {CommandError} when there is no binary and none can be fetched, or when the server does not answer.
 */
export async function startDatabase(options: DatabaseOptions): Promise<Database> {
  if (options.endpoint !== undefined) return useRunningDatabase(options.endpoint);
  const binary = await findDatabaseBinary();
  for (let attempt = 1; ; attempt++) {
    try {
      return await startEmbedded(binary, options.file);
    } catch (error) {
      // Another program may have taken the free port between our look and the server's bind.
      if (attempt === startAttempts) throw error;
    }
  }
}

async function useRunningDatabase(endpoint: string): Promise<Database> {
  const client = new DatabaseClient(endpoint);
  try {
    await client.call('DynamoDB_20120810.ListTables', { Limit: 1 });
  } catch (error) {
    throw new CommandError(
      `no DynamoDB answers at DYNAMODB_ENDPOINT=${endpoint} (${(error as Error).message}): start it, or unset the variable to use the embedded one`,
      { cause: error },
    );
  } finally {
    client.close();
  }
  return {
    endpoint,
    pid: undefined,
    lost: new Promise(() => {}),
    close: () => Promise.resolve(),
  };
}

async function startEmbedded(binary: string, file: string | undefined): Promise<Database> {
  const port = await findFreePort();
  const serverArguments = ['--host', '127.0.0.1', '--port', String(port)];
  if (file !== undefined) serverArguments.push('--db-path', file);
  // The supervisor holds the other end of this pipe: when this process dies, even by SIGKILL, the pipe closes and
  // the supervisor kills the server.
  const supervisor = spawn(process.execPath, [supervisorFile, binary, ...serverArguments], {
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ended = new Promise<void>((resolve) => {
    supervisor.once('exit', () => resolve());
  });
  try {
    const pid = await waitUntilListening(supervisor);
    return {
      endpoint: `http://127.0.0.1:${port}`,
      pid,
      lost: ended.then(() => 'the database server ended by itself'),
      close: async () => {
        supervisor.stdin.end();
        await ended;
      },
    };
  } catch (error) {
    supervisor.stdin.end();
    await ended;
    throw error;
  }
}

/** Gives the server's process id once it accepts connections. */
function waitUntilListening(supervisor: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let pid: number | undefined;
    let isListening = false;
    const output: string[] = [];
    const giveUp = setTimeout(() => {
      const last = shorten(output.at(-1) ?? 'it printed nothing');
      reject(new CommandError(`the database did not start within ${startLimitMs / 1000} s: ${last}`));
    }, startLimitMs);
    // The two lines come from two processes, in any order.
    const read = (line: string): void => {
      output.push(line);
      if (line.startsWith('pid ')) pid = Number(line.slice('pid '.length));
      isListening ||= line.includes('listening on');
      if (!isListening || pid === undefined) return;
      clearTimeout(giveUp);
      resolve(pid);
    };
    for (const stream of [supervisor.stdout, supervisor.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', read);
    }
    supervisor.once('exit', () => {
      clearTimeout(giveUp);
      const reason = output.findLast((line) => !line.startsWith('pid ')) ?? 'it printed nothing';
      reject(new CommandError(`the database did not start: ${reason}`));
    });
  });
}
