import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clockSkewVariable } from '../functions/runtime/clock-skew.ts';
import type { EnvironmentQuestion, EnvironmentReport } from './runtime/report.ts';
import { CommandError } from '../../commands/command-error.ts';

/** What an environment of a Web Function is made of. */
export interface WebEnvironmentSettings {
  /** Name for logs. */
  readonly name: string;
  /** File of the program. */
  readonly entry: string;
  readonly variables: Readonly<Record<string, string>>;
  /** How far the clock of an environment is off, milliseconds; asked when one starts. */
  readonly clockSkewMs: () => number;
}

/** Source: "Execution environment lifecycle" of Web Functions, Lambda developer guide. */
const readyMs = 10_000;
const shutdownMs = 1000;
/** How often it is looked whether the server listens, milliseconds. */
const probeMs = 20;

const hostFile = fileURLToPath(new URL('runtime/host.ts', import.meta.url));

/** One environment: a process with a server that takes several requests at a time. */
export class WebEnvironment {
  /** How many requests are under way. */
  running = 0;
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
   * @returns when its server listens.
   * @throws {CommandError} when it does not in time.
   */
  static async start(
    { name, entry, variables, clockSkewMs }: WebEnvironmentSettings,
    onLog: (stream: 'stdout' | 'stderr', text: string) => void,
  ): Promise<WebEnvironment> {
    const port = await freePort();
    const skew = clockSkewMs();
    const child = spawn(process.execPath, [hostFile, entry], {
      env: {
        ...variables,
        ...(skew !== 0 && { [clockSkewVariable]: String(skew) }),
        AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${port}`,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of ['stdout', 'stderr'] as const)
      createInterface({ input: child[stream]! }).on('line', (text) => onLog(stream, text));
    const environment = new WebEnvironment(child, port);
    const patience = new AbortController();
    const listens = environment.#listens(patience.signal);
    const isReady = await Promise.race([
      listens,
      environment.exited.then(() => false),
      wait(readyMs, false, { signal: patience.signal }),
    ]);
    patience.abort();
    if (isReady) return environment;
    await environment.crash();
    throw new CommandError(`the web function ${name} does not listen within ${readyMs / 1000} s`);
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
   * Ends it as Lambda does: SIGTERM, and a second later it is gone.
   * @returns when the process is gone.
   */
  async shutDown(): Promise<void> {
    this.#child.kill('SIGTERM');
    const done = new AbortController();
    const late = wait(shutdownMs, undefined, { signal: done.signal }).then(
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
  async report(question: EnvironmentQuestion): Promise<EnvironmentReport> {
    const answered = new AbortController();
    const { signal } = answered;
    try {
      this.#child.send(question);
      const [report] = await Promise.race([
        once(this.#child, 'message', { signal }) as Promise<[EnvironmentReport]>,
        once(this.#child, 'exit', { signal }).then(() => []),
      ]);
      if (report === undefined) throw new Error('the environment ended');
      return report;
    } finally {
      answered.abort();
    }
  }

  async #listens(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const socket = connect(this.#port, '127.0.0.1');
      try {
        await once(socket, 'connect', { signal });
        return true;
      } catch {
        await wait(probeMs);
      } finally {
        socket.destroy();
      }
    }
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
