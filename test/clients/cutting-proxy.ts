import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The wait of a terminal `end`, and one that a test has time for. */
const retryOfADay = 'retry: 86400000';
const shortRetry = 'retry: 50';

/** A request that went through, by its answer. */
export interface Passed {
  readonly status: number;
  readonly lastEventId: string | undefined;
}

/**
 * A proxy between one client and the stack, which breaks connections: each stream after so many bytes of its body, the
 * next one after the next number; when the numbers are used up it breaks no more. It hands on each chunk as it comes.
 */
export class CuttingProxy {
  /** All streams that were asked for, in order. */
  readonly passed: Passed[] = [];
  /** Streams that it has broken. */
  cuts = 0;
  readonly #server: Server;
  readonly #target: string;
  readonly #cutAfter: number[];
  readonly #agent = new Agent({ keepAlive: false });

  private constructor(target: string, cutAfter: readonly number[]) {
    this.#target = target;
    this.#cutAfter = [...cutAfter];
    this.#server = createServer((incoming, answer) => this.#pass(incoming, answer));
  }

  /** Starts a proxy before `target`, the origin of a stack. */
  static async start(target: string, cutAfter: readonly number[] = []): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target, cutAfter);
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const { host: _host, ...headers } = incoming.headers;
    const upstream = request(
      `${this.#target}${incoming.url}`,
      { method: incoming.method!, headers, agent: this.#agent },
      (response) => {
        const status = response.statusCode!;
        if (incoming.url!.startsWith('/sse/connect')) {
          const lastEventId = incoming.headers['last-event-id'];
          this.passed.push({ status, lastEventId: lastEventId?.toString() });
        }
        const { connection: _connection, 'transfer-encoding': _coding, ...answered } = response.headers;
        answer.writeHead(status, answered);
        answer.flushHeaders();
        this.#handOn(response, answer, status === 200 ? this.#cutAfter.shift() : undefined);
      },
    );
    upstream.on('error', () => answer.destroy());
    answer.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  }

  /** Hands on a body, up to so many bytes of it. */
  #handOn(response: IncomingMessage, answer: ServerResponse, cutAfter = Infinity): void {
    let room = cutAfter;
    response.on('data', (chunk: Buffer) => {
      if (room < 0) return;
      const text = chunk.toString('latin1').replaceAll(retryOfADay, shortRetry);
      const bytes = Buffer.from(text, 'latin1');
      if (bytes.length < room) {
        room -= bytes.length;
        answer.write(bytes);
        return;
      }
      this.cuts += 1;
      answer.write(bytes.subarray(0, room), () => answer.destroy());
      room = -1;
    });
    response.on('end', () => room >= 0 && answer.end());
    response.on('error', () => answer.destroy());
  }
}
