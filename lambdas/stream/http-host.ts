import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { withoutSlash } from '../shared/http/path.ts';
import type { Cors } from './cors.ts';
import { healthPath } from './environment.ts';
import { HttpAnswer } from './http-answer.ts';
import type { Host, HostRequest } from './host.ts';
import { patiently } from './patience.ts';
import type { StreamServer } from './server.ts';

/** What a deployment sets. */
export interface HttpHostSettings {
  /** How long a request may take, milliseconds. */
  readonly requestMs: number;
  /** The most streams that are open at a time; more are told to come back. */
  readonly mostStreams: number;
  /** How long after SIGTERM the platform ends the process, milliseconds. */
  readonly stopMs: number;
}

export interface HttpHostPorts {
  readonly server: Pick<StreamServer, 'serve' | 'refuse' | 'endAll'>;
  readonly cors: Cors;
  readonly clock: Clock;
}

/** What of the time until the platform ends the process is kept for its own end, milliseconds. */
const exitMs = 200;

/** What of that time is kept for the last bytes of the last streams, milliseconds: the ends of all are spread over the rest. */
const lastEndsMs = 10_000;

/** Serves streams over HTTP: many in one process, which hears when a client leaves and when it must end itself. */
export class HttpHost {
  readonly #settings: HttpHostSettings;
  readonly #ports: HttpHostPorts;
  readonly #http: Server;
  readonly #requests = new Set<Promise<void>>();
  #streams = 0;
  #isEnding = false;

  constructor(settings: HttpHostSettings, ports: HttpHostPorts) {
    this.#settings = settings;
    this.#ports = ports;
    // Streams live as long as they do: what ends them is the session. A connection without a request is kept for longer than
    // a load balancer keeps it (`lib/containers/stream-balancer.ts`), which else would send a request on one that closes.
    this.#http = createServer({ requestTimeout: 10_000, keepAliveTimeout: 75_000 }, this.#listener);
  }

  /**
   * Takes requests from now on.
   * @returns where.
   * @throws what the system says against the address.
   */
  async listen(port: number, address: string): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen({ port, host: address }, resolve);
    });
    return this.#http.address() as AddressInfo;
  }

  /**
   * Takes no more requests, and ends all streams: their clients come back, where they are. Where there is time for it they do
   * not come back in one moment.
   * @returns when they have ended, or have had the time for it.
   */
  async close(): Promise<void> {
    this.#isEnding = true;
    this.#http.close();
    const { stopMs } = this.#settings;
    await patiently(stopMs - exitMs, this.#ports.clock, async (patience) => {
      await Promise.race([this.#endStreams(Math.max(0, stopMs - lastEndsMs)), patience]);
    });
    this.#http.closeAllConnections();
  }

  async #endStreams(spreadMs: number): Promise<void> {
    await this.#ports.server.endAll('deploy', spreadMs);
    await Promise.all(this.#requests);
  }

  readonly #listener: RequestListener = (request, response) => {
    this.#ports.cors(request, response, () => {
      const served = this.#serve(request, response).catch(() => void response.destroy());
      this.#requests.add(served);
      void served.then(() => this.#requests.delete(served));
    });
  };

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { server, clock } = this.#ports;
    const request = requestOf(incoming, clock.now() + this.#settings.requestMs);
    const host: Host = { answer: async (head, opening) => new HttpAnswer(response, head, opening) };
    if (request?.path === healthPath) {
      response.writeHead(this.#isEnding ? 503 : 200, { 'cache-control': 'no-store' }).end();
    } else if (request === undefined) {
      response.writeHead(400, { 'cache-control': 'no-store' }).end();
    } else if (this.#isEnding || this.#streams >= this.#settings.mostStreams) {
      await server.refuse(request, host);
    } else {
      this.#streams += 1;
      await server.serve(request, host).finally(() => (this.#streams -= 1));
    }
  }
}

/** A request of Node's HTTP server; undefined where its target is no path. */
function requestOf({ method, url, headers }: IncomingMessage, deadline: number): HostRequest | undefined {
  const target = URL.parse(`http://localhost${url}`);
  if (target === null || !url?.startsWith('/')) return undefined;
  const query: Record<string, string> = {};
  for (const [name, value] of target.searchParams) {
    const before = query[name];
    query[name] = before === undefined ? value : `${before},${value}`;
  }
  return {
    method: method ?? 'GET',
    path: withoutSlash(target.pathname),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
    ),
    query,
    deadline,
  };
}
