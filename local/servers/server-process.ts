import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clockSkewVariable } from '../functions/runtime/clock-skew.ts';
import type { ServerQuestion, ServerReport } from './runtime/report.ts';
import { CommandError } from '../../commands/command-error.ts';
import { findFreePort } from '../../commands/free-port.ts';

/** What a server is made of. */
export interface ServerSettings {
  /** Name for logs. */
  readonly name: string;
  /** File of the program. */
  readonly entry: string;
  readonly variables: Readonly<Record<string, string>>;
  /** How far the clock of a process is off, milliseconds; asked when one starts. */
  readonly clockSkewMs: () => number;
}

/** How a platform runs servers. */
export interface ServerPlatform {
  /** The variable by which a program is told where to take requests, `host:port`. */
  readonly endpointVariable: string;
  /** Whether what a program prints by the console becomes lines of JSON. */
  readonly hasJsonConsole: boolean;
  /** Where a server says that it can take requests; undefined where it is enough that it listens. */
  readonly healthPath: string | undefined;
  /** How long a server may take until it can, milliseconds. */
  readonly readyMs: number;
}

/** How often it is looked whether a server can take requests, milliseconds. */
const probeMs = 20;

const hostFile = fileURLToPath(new URL('runtime/host.ts', import.meta.url));

/** A process with a server that takes several requests at a time. */
export class ServerProcess {
  /** Resolves when the process takes nothing any more. */
  readonly died: Promise<void>;
  /** Resolves when the process is gone, and all that it has printed was handed on. */
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #port: number;
  /** A connection that was read fast before has buffers of megabytes, which would hide a client that reads nothing. */
  readonly #agent = new Agent({ keepAlive: false });

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
    this.died = once(child, 'exit').then(() => undefined);
    this.exited = once(child, 'close').then(() => undefined);
  }

  /**
   * Starts one.
   * @returns when it can take requests.
   * @throws {CommandError} when it cannot in time.
   */
  static async start(
    { name, entry, variables, clockSkewMs }: ServerSettings,
    { endpointVariable, hasJsonConsole, healthPath, readyMs }: ServerPlatform,
    onLog: (stream: 'stdout' | 'stderr', text: string) => void,
  ): Promise<ServerProcess> {
    const port = await findFreePort();
    const skew = clockSkewMs();
    const child = spawn(process.execPath, [hostFile, entry, ...(hasJsonConsole ? ['json'] : [])], {
      env: {
        ...variables,
        ...(skew !== 0 && { [clockSkewVariable]: String(skew) }),
        [endpointVariable]: `127.0.0.1:${port}`,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of ['stdout', 'stderr'] as const)
      createInterface({ input: child[stream]! }).on('line', (text) => onLog(stream, text));
    const server = new ServerProcess(child, port);
    const patience = new AbortController();
    const isReady = await Promise.race([
      server.#ready(healthPath, patience.signal),
      server.exited.then(() => false),
      wait(readyMs, false, { signal: patience.signal }),
    ]);
    patience.abort();
    if (isReady) return server;
    await server.crash();
    throw new CommandError(`the server of ${name} takes no requests within ${readyMs / 1000} s`);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a request to the server; its answer is an event of what it gives. */
  send(
    request: IncomingMessage,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): ClientRequest {
    const { method, url } = request;
    return httpRequest({
      host: '127.0.0.1',
      port: this.#port,
      method,
      path: url,
      headers,
      agent: this.#agent,
    });
  }

  /**
   * Whether it says that it can take requests.
   * @param signal ends the waiting for an answer.
   */
  async isHealthy(path: string, signal: AbortSignal): Promise<boolean> {
    try {
      const { status } = await fetch(`http://127.0.0.1:${this.#port}${path}`, { signal });
      return status === 200;
    } catch {
      return false;
    }
  }

  /**
   * Ends it: SIGTERM, and after a time it is gone in any case.
   * @param milliseconds the time.
   * @returns when the process is gone.
   */
  async stop(milliseconds: number): Promise<void> {
    this.#child.kill('SIGTERM');
    const done = new AbortController();
    const late = wait(milliseconds, undefined, { signal: done.signal }).then(
      () => this.crash(),
      () => undefined,
    );
    await this.exited;
    done.abort();
    await late;
    this.#agent.destroy();
  }

  /**
   * Ends it at once, without a word.
   * @returns when the process is gone, and all that it has printed was handed on.
   */
  async crash(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
    this.#agent.destroy();
  }

  /**
   * Asks the process how it is.
   * @throws {Error} when it ends before it answers.
   */
  async report(question: ServerQuestion): Promise<ServerReport> {
    const answered = new AbortController();
    const { signal } = answered;
    try {
      this.#child.send(question);
      const [report] = await Promise.race([
        once(this.#child, 'message', { signal }) as Promise<[ServerReport]>,
        once(this.#child, 'exit', { signal }).then(() => []),
      ]);
      if (report === undefined) throw new Error('the process ended');
      return report;
    } finally {
      answered.abort();
    }
  }

  async #ready(healthPath: string | undefined, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const isReady =
        healthPath === undefined ? await this.#listens(signal) : await this.isHealthy(healthPath, signal);
      if (isReady) return true;
      await wait(probeMs);
    }
    return false;
  }

  async #listens(signal: AbortSignal): Promise<boolean> {
    const socket = connect(this.#port, '127.0.0.1');
    try {
      await once(socket, 'connect', { signal });
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }
}
