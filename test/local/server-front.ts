import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Conditions } from '../../faults/board/conditions.ts';
import { waitUntil } from '../wait-until.ts';

/** What the servers of a test run. */
export const webProgram = {
  entry: fileURLToPath(new URL('web-program.ts', import.meta.url)),
  variables: { PATH: process.env['PATH'] ?? '' },
} as const;

/** What hands requests on to servers. */
interface Handing {
  readonly running: number;
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** What the program of a server says. */
interface Said {
  readonly pid: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly left: readonly string[];
}

/** A port before what hands requests on to servers, and what clients do there. */
export class ServerFront {
  readonly #handing: Handing;
  readonly #server: Server;
  readonly #conditions = new Conditions();

  private constructor(handing: Handing) {
    this.#handing = handing;
    this.#server = createServer((asked, response) => {
      void handing.serve(asked, response).finally(() => this.#conditions.check());
      this.#conditions.check();
    });
  }

  static async open(handing: Handing): Promise<ServerFront> {
    const front = new ServerFront(handing);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  ask(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#port}${path}`, { headers });
  }

  /** What the program says. */
  async said(): Promise<Said> {
    return (await (await this.ask('/')).json()) as Said;
  }

  /** Opens an answer that does not end, and waits for its begin. */
  async stream(path = '/stream'): Promise<IncomingMessage> {
    const asked = request({ host: '127.0.0.1', port: this.#port, path }).end();
    asked.on('error', () => {});
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.on('error', () => {});
    await once(answer, 'data');
    return answer;
  }

  /** Waits until so many requests are under way. */
  running(requests: number): Promise<void> {
    return waitUntil(
      this.#conditions,
      () => this.#handing.running === requests,
      () => this.#handing.running,
    );
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
}
