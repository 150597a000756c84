import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogLine } from '../functions/function-process.ts';
import { sendMessage } from '../gateway/function-response.ts';
import type { HostProcess } from '../functions/host-process.ts';
import { relay } from '../servers/relay.ts';
import { ServerPool } from '../servers/server-pool.ts';
import { ServerProcess } from '../servers/server-process.ts';
import type { ServerPlatform, ServerSettings } from '../servers/server-process.ts';

/** How a Web Function is run. */
export interface WebFunctionSettings extends ServerSettings {
  /** How long a request may take with all of its answer, seconds. */
  readonly timeoutSeconds: number;
  /** How many requests an environment may take at a time. */
  readonly mostRequests: number;
  /** The most environments; undefined for any number. */
  readonly mostEnvironments: number | undefined;
  /** Memory of an environment, MB. */
  readonly memoryMegabytes: number;
  /** Name of the endpoint, in the requests that it hands on. */
  readonly endpointName: string;
}

/** What a platform may do otherwise than one would like it to. */
export interface WebFunctionFaults {
  /** How many requests an environment takes at the moment, where the service has chosen fewer than were asked for. */
  readonly mostRequests?: number;
  /** Whether an environment does not hear when the client of a request leaves. */
  readonly hidesLeaving?: boolean;
}

/** Source: "Execution environment lifecycle" of Web Functions, Lambda developer guide. */
const stopMs = 1000;
const platform: ServerPlatform = {
  endpointVariable: 'AWS_LAMBDA_HTTP_ENDPOINT',
  hasJsonConsole: true,
  healthPath: undefined,
  readyMs: 10_000,
};

/** Headers that Lambda takes away. Source: "HTTP requests and responses" of Web Functions, Lambda developer guide. */
const removedHeaders = new Set([
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'x-real-ip',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
]);

/** A Web Function of the stack: as many environments as it takes for the requests that are under way. */
export class WebFunction extends ServerPool implements HostProcess {
  readonly settings: WebFunctionSettings;
  /** Takes effect with the next request. */
  faults: WebFunctionFaults = {};
  readonly #onLog: (line: LogLine) => void;
  #environments: Promise<ServerProcess>[] = [];
  readonly #ready = new Map<Promise<ServerProcess>, ServerProcess>();
  readonly #placed = new Map<Promise<ServerProcess>, number>();
  #isClosing = false;

  constructor(settings: WebFunctionSettings, onLog: (line: LogLine) => void) {
    super();
    this.settings = settings;
    this.#onLog = onLog;
  }

  protected override get servers(): readonly ServerProcess[] {
    return [...this.#ready.values()];
  }

  get running(): number {
    return [...this.#placed.values()].reduce((sum, placed) => sum + placed, 0);
  }

  get memoryMegabytes(): number {
    return this.settings.memoryMegabytes;
  }

  override async start(): Promise<void> {
    await (this.#environments[0] ?? this.#add());
  }

  async crash(): Promise<void> {
    const all = this.#environments;
    // What comes from now on finds others.
    this.#environments = [];
    await Promise.all((await started(all)).map((environment) => environment.crash()));
  }

  /**
   * Starts other environments for what comes from now on, as a new revision does, and ends the ones that there are.
   * @returns when they are gone.
   */
  async replace(): Promise<void> {
    const before = this.#environments;
    this.#environments = [];
    await this.start();
    await Promise.all((await started(before)).map((environment) => environment.stop(stopMs)));
  }

  /** Ends all environments, and starts no other. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.crash();
  }

  /** Hands a request to an environment with room for it, and its answer on as it comes. */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    onSent?: (bytes: Buffer) => void,
  ): Promise<void> {
    const place = this.#isClosing ? undefined : this.#place();
    if (place === undefined) {
      request.resume();
      sendMessage(response, 429, 'Too Many Requests', {});
      return;
    }
    this.#take(place, 1);
    try {
      await this.#relay(await place, request, response, onSent);
    } catch {
      if (response.headersSent) response.destroy();
      else sendMessage(response, 502, 'Bad Gateway', { 'lambda-web-error-type': 'Runtime.Exit' });
    } finally {
      this.#take(place, -1);
    }
  }

  #take(place: Promise<ServerProcess>, requests: 1 | -1): void {
    const placed = (this.#placed.get(place) ?? 0) + requests;
    if (placed === 0) this.#placed.delete(place);
    else this.#placed.set(place, placed);
  }

  #place(): Promise<ServerProcess> | undefined {
    const most = Math.min(this.settings.mostRequests, this.faults.mostRequests ?? Infinity);
    const withRoom = this.#environments.find((each) => (this.#placed.get(each) ?? 0) < most);
    if (withRoom) return withRoom;
    const { mostEnvironments = Infinity } = this.settings;
    return this.#environments.length < mostEnvironments ? this.#add() : undefined;
  }

  #add(): Promise<ServerProcess> {
    const { name } = this.settings;
    const added = ServerProcess.start(this.settings, platform, (stream, text) =>
      this.#onLog({ functionName: name, stream, text }),
    );
    this.#environments.push(added);
    void this.#keep(added);
    return added;
  }

  /** Knows an environment from its start to its end. */
  async #keep(added: Promise<ServerProcess>): Promise<void> {
    try {
      const environment = await added;
      this.#ready.set(added, environment);
      await environment.died;
    } catch {
      // Whoever waits for it hears why.
    } finally {
      this.#environments = this.#environments.filter((each) => each !== added);
      this.#ready.delete(added);
    }
  }

  async #relay(
    environment: ServerProcess,
    request: IncomingMessage,
    response: ServerResponse,
    onSent: ((bytes: Buffer) => void) | undefined,
  ): Promise<void> {
    const sent = environment.send(request, this.#forwarded(request));
    const timer = setTimeout(() => {
      if (response.headersSent) response.destroy();
      else
        sendMessage(response, 504, 'Gateway Timeout', { 'lambda-web-error-type': 'Runtime.RequestTimeout' });
      sent.destroy();
    }, this.settings.timeoutSeconds * 1000);
    const hidesLeaving = this.faults.hidesLeaving === true;
    try {
      await relay(request, response, { sent, hidesLeaving, onSent });
    } finally {
      clearTimeout(timer);
    }
  }

  #forwarded({ headers }: IncomingMessage): Record<string, string | string[] | undefined> {
    const kept = Object.entries(headers).filter(
      ([name]) => !removedHeaders.has(name) && !name.startsWith('lambda-web-'),
    );
    return {
      ...Object.fromEntries(kept),
      'lambda-web-request-id': randomUUID(),
      'lambda-web-endpoint-name': this.settings.endpointName,
    };
  }
}

/** Those of some that have started. */
async function started(all: readonly Promise<ServerProcess>[]): Promise<ServerProcess[]> {
  const settled = await Promise.allSettled(all);
  return settled.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}
