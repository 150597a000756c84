import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FrameReader, frameType } from './runtime/channel.ts';
import type { FunctionError, InvocationRequest, MemoryReport } from './runtime/channel.ts';
import type { HostProcess } from './host-process.ts';
import type { Invocation, InvocationObserver, InvocationReceiver } from './invocation.ts';
import { InvocationFailure, observeEnd, throttle } from './invocation.ts';
import { RunningInvocations } from './running-invocations.ts';
import { clockSkewVariable } from './runtime/clock-skew.ts';

/** What the host needs to run a function. */
export interface FunctionSettings {
  /** Name for logs. */
  readonly name: string;
  readonly bundleDirectory: string;
  /** `file.export`, as the template's Handler. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** How far the clock of a process is off, milliseconds; asked when one starts. */
  readonly clockSkewMs?: (() => number) | undefined;
  /** How many invocations may run at a time at the moment; undefined for any number. */
  readonly reservedConcurrency?: (() => number | undefined) | undefined;
  readonly observer?: InvocationObserver | undefined;
}

/** A line that a function printed. */
export interface LogLine {
  readonly functionName: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/**
 * The most that Lambda takes as a function's result, bytes of JSON.
 * Source: "Lambda quotas" in the Lambda developer guide, and the message of `Function.ResponseSizeTooLarge`.
 */
const largestResult = 6_291_556;

const hostFile = fileURLToPath(new URL('runtime/host.ts', import.meta.url));

/** One function of the stack and the process that runs it. The process starts again when it dies. */
export class FunctionProcess implements HostProcess {
  readonly settings: FunctionSettings;
  readonly #onLog: (line: LogLine) => void;
  readonly #running = new RunningInvocations((id, bytes) => {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(bytes);
    this.#channel?.write(encodeFrame(frameType.taken, id, payload));
  });
  readonly #memoryReaders: PromiseWithResolvers<MemoryReport>[] = [];
  #child: ChildProcess | undefined;
  #channel: Socket | undefined;
  #ready: Promise<void> | undefined;
  #exited: Promise<void> = Promise.resolve();
  #nextInvocation = 1;
  #closing = false;

  constructor(settings: FunctionSettings, onLog: (line: LogLine) => void) {
    this.settings = settings;
    this.#onLog = onLog;
  }

  get pids(): readonly number[] {
    return this.#child?.pid === undefined ? [] : [this.#child.pid];
  }

  /**
   * Loads the handler, unless it is loaded.
   * @throws {InvocationFailure} when the bundle cannot be loaded, or the process was closed.
   */
  async start(): Promise<void> {
    // Clients that come back while the stack closes would leave a process behind.
    if (this.#closing) {
      const errorMessage = `${this.settings.name} was closed`;
      throw new InvocationFailure({ errorType: 'Runtime.ExitError', errorMessage });
    }
    this.#ready ??= this.#spawn();
    await this.#ready;
  }

  /** Invokes the function; all that comes out of it goes to the receiver. */
  invoke(event: unknown, receiver: InvocationReceiver): Invocation {
    const { timeoutSeconds, reservedConcurrency, observer } = this.settings;
    const most = reservedConcurrency?.();
    if (most !== undefined && this.running >= most) {
      observer?.throttled();
      queueMicrotask(() => receiver.failed(throttle));
      return { resume: () => {} };
    }
    const id = this.#nextInvocation++;
    const milliseconds = timeoutSeconds * 1000;
    const requestId = randomUUID();
    const timer = setTimeout(() => this.#timeOut(id, requestId), milliseconds);
    this.#running.add(id, observer ? observeEnd(receiver, observer.began()) : receiver, timer);
    const request: InvocationRequest = { requestId, deadline: Date.now() + milliseconds, event };
    const frame = encodeFrame(frameType.invoke, id, JSON.stringify(request));
    this.start().then(
      () => this.#channel?.write(frame),
      (error: unknown) => this.#running.settle(id)?.failed((error as InvocationFailure).detail),
    );
    return { resume: () => this.#running.resume(id) };
  }

  /**
   * Invokes a function that gives its result in one piece.
   * @returns the parsed result.
   * @throws {InvocationFailure}
   */
  invokeBuffered(event: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      this.invoke(event, {
        result: (json) => {
          if (json.length <= largestResult) return resolve(JSON.parse(json.toString('utf8')));
          const errorMessage = `Response payload size (${json.length} bytes) exceeded maximum allowed payload size (${largestResult} bytes).`;
          reject(new InvocationFailure({ errorType: 'Function.ResponseSizeTooLarge', errorMessage }));
        },
        failed: (error) => reject(new InvocationFailure(error)),
        contentType: () => {},
        chunk: (bytes) => {
          chunks.push(bytes);
          return true;
        },
        end: () => resolve(Buffer.concat(chunks).toString('utf8')),
      });
    });
  }

  get running(): number {
    return this.#running.size;
  }

  get memoryMegabytes(): number {
    return Number(this.settings.environment['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']);
  }

  blocked(): Promise<number> {
    return Promise.resolve(this.#running.blocked);
  }

  /**
   * Memory of the host process after a garbage collection.
   * @throws {InvocationFailure} when the process ends before it answers.
   */
  async memory(): Promise<MemoryReport> {
    await this.start();
    const reader = Promise.withResolvers<MemoryReport>();
    this.#memoryReaders.push(reader);
    this.#channel?.write(encodeFrame(frameType.memory, 0));
    return reader.promise;
  }

  /**
   * Kills the process with SIGKILL, as a crash would; invocations that run fail, and another process starts.
   * @returns when the process is gone.
   */
  async crash(): Promise<void> {
    const exited = this.#exited;
    this.#child?.kill('SIGKILL');
    await exited;
  }

  /**
   * Ends the process; invocations that run are cut.
   * @returns when it is gone and all that it has printed was handed on.
   */
  async close(): Promise<void> {
    this.#closing = true;
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  #spawn(): Promise<void> {
    const { name, bundleDirectory, handler, environment, clockSkewMs } = this.settings;
    const skew = clockSkewMs?.() ?? 0;
    const child = spawn(process.execPath, [hostFile, bundleDirectory, handler], {
      env: { ...environment, ...(skew !== 0 && { [clockSkewVariable]: String(skew) }) },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const channel = child.stdio[3] as Socket;
    this.#child = child;
    this.#channel = channel;
    for (const stream of ['stdout', 'stderr'] as const) {
      const input = child[stream];
      if (input === null) continue;
      createInterface({ input }).on('line', (text) => this.#onLog({ functionName: name, stream, text }));
    }
    channel.on('error', () => {
      // The process is gone; its exit settles what was running.
    });
    const exit = Promise.withResolvers<void>();
    this.#exited = exit.promise;
    return new Promise((resolve, reject) => {
      let loaded = false;
      const reader = new FrameReader((type, invocation, payload) => {
        if (type === frameType.ready) {
          loaded = true;
          resolve();
        } else if (type === frameType.initializationFailed) {
          reject(new InvocationFailure(JSON.parse(payload.toString('utf8')) as FunctionError));
        } else {
          this.#receive(type, invocation, payload);
        }
      });
      channel.on('data', (bytes: Buffer) => reader.push(bytes));
      child.once('error', (error) => {
        reject(new InvocationFailure({ errorType: 'Runtime.ExitError', errorMessage: error.message }));
        exit.resolve();
      });
      child.once('exit', (code, signal) => {
        const errorMessage = `the process of ${name} ended with ${signal ?? `exit code ${code}`}`;
        reject(new InvocationFailure({ errorType: 'Runtime.ExitError', errorMessage }));
        this.#lost({ errorType: 'Runtime.ExitError', errorMessage }, loaded);
      });
      // After the exit: what the process has printed last is read by now.
      child.once('close', () => exit.resolve());
    });
  }

  #lost(error: FunctionError, wasLoaded: boolean): void {
    this.#child = undefined;
    this.#ready = undefined;
    this.#running.failAll(error);
    for (const reader of this.#memoryReaders.splice(0)) reader.reject(new InvocationFailure(error));
    if (this.#closing) return;
    this.#onLog({ functionName: this.settings.name, stream: 'stderr', text: error.errorMessage });
    // One that never came up is tried again by the next invocation, not in a circle.
    if (wasLoaded) void this.#startAgain();
  }

  async #startAgain(): Promise<void> {
    try {
      await this.start();
    } catch {
      // The next invocation tries again and gives the error to its caller.
    }
  }

  #receive(type: number, id: number, payload: Buffer): void {
    if (type === frameType.chunk) return this.#running.chunk(id, payload);
    if (type === frameType.memoryReport) {
      this.#memoryReaders.shift()?.resolve(JSON.parse(payload.toString('utf8')) as MemoryReport);
    } else if (type === frameType.contentType) {
      this.#running.receiver(id)?.contentType(payload.toString('utf8'));
    } else if (type === frameType.result) {
      this.#running.settle(id)?.result(payload);
    } else if (type === frameType.failed) {
      this.#running.settle(id)?.failed(JSON.parse(payload.toString('utf8')) as FunctionError);
    } else if (type === frameType.end) {
      this.#running.settle(id)?.end();
    }
  }

  #timeOut(id: number, requestId: string): void {
    const seconds = this.settings.timeoutSeconds.toFixed(2);
    // Lambda would end the process; here others use it, so what the code still writes goes nowhere.
    this.#running.resume(id);
    this.#running.settle(id)?.failed({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
    });
  }
}
