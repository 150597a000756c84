import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReportedError } from './invocation.ts';
import { Invocation } from './invocation.ts';

interface Waiting {
  readonly event: unknown;
  readonly deadline: number;
  readonly invocation: Invocation;
}

/**
 * The HTTP interface between Lambda and a function's runtime, version 2018-06-01, for one function.
 * Source: "Using the Lambda runtime API for custom runtimes"; for streamed answers "Building a custom runtime".
 */
export class RuntimeApi {
  /** Resolves with the error when the function does not load. */
  readonly initializationError: Promise<ReportedError>;
  /** Whether it never confirms a whole answer, as Lambda is reported to do with streamed answers without a body. */
  leavesAnswersOpen = false;
  readonly #server: Server;
  readonly #waiting: Waiting[] = [];
  readonly #idle: ServerResponse[] = [];
  readonly #running = new Map<string, Invocation>();
  readonly #reportInitialization: (error: ReportedError) => void;

  private constructor() {
    const { promise, resolve } = Promise.withResolvers<ReportedError>();
    this.initializationError = promise;
    this.#reportInitialization = resolve;
    this.#server = createServer((request, response) => this.#serve(request, response));
    // The runtime may wait for its next invocation as long as it likes.
    this.#server.requestTimeout = 0;
  }

  /** Starts the interface on a free port of the loopback address. */
  static async start(): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    await new Promise<void>((resolve) => {
      api.#server.listen(0, '127.0.0.1', resolve);
    });
    return api;
  }

  /** `host:port`, the value of AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /**
   * Invokes the function, as soon as its runtime asks.
   * @param timeoutMs how long it may take, milliseconds; told to the runtime, not enforced.
   */
  invoke(event: unknown, timeoutMs = 300_000): Invocation {
    const invocation = new Invocation();
    this.#waiting.push({ event, deadline: Date.now() + timeoutMs, invocation });
    this.#hand();
    return invocation;
  }

  /** Ends the interface and all its connections. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.replace(/^\/2018-06-01\/runtime\//, '') ?? '';
    if (request.method === 'GET' && path === 'invocation/next') {
      this.#idle.push(response);
      this.#hand();
      return;
    }
    if (path === 'init/error') {
      void this.#accept(request, response, (body) => this.#reportInitialization(JSON.parse(body)));
      return;
    }
    const [, id = '', kind] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const invocation = this.#running.get(id);
    if (invocation === undefined) {
      response.writeHead(404).end();
    } else if (kind === 'error') {
      void this.#accept(request, response, (body) => invocation.fail(JSON.parse(body) as ReportedError));
    } else {
      invocation.receive(request);
      request.once('end', () => {
        if (!this.leavesAnswersOpen) response.writeHead(202).end();
      });
    }
  }

  async #accept(
    request: IncomingMessage,
    response: ServerResponse,
    take: (body: string) => void,
  ): Promise<void> {
    let body = '';
    for await (const text of request.setEncoding('utf8')) body += text as string;
    response.writeHead(202).end();
    take(body);
  }

  /** Gives the first waiting event to a runtime that asks for one. */
  #hand(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const response = this.#idle.shift()!;
      const { event, deadline, invocation } = this.#waiting.shift()!;
      const id = randomUUID();
      this.#running.set(id, invocation);
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'lambda-runtime-aws-request-id': id,
          'lambda-runtime-deadline-ms': String(deadline),
          'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:test',
          'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
        })
        .end(JSON.stringify(event));
    }
  }
}
