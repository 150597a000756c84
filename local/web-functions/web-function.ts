import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogLine } from '../functions/function-process.ts';
import { sendMessage } from '../gateway/function-response.ts';
import type { HostProcess } from '../functions/host-process.ts';
import type { MemoryReport } from '../functions/runtime/channel.ts';
import { relay } from './relay.ts';
import { WebEnvironment } from './web-environment.ts';
import type { WebEnvironmentSettings } from './web-environment.ts';
import type { EnvironmentQuestion, EnvironmentReport } from './runtime/report.ts';

/** How a Web Function is run. */
export interface WebFunctionSettings extends WebEnvironmentSettings {
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
export class WebFunction implements HostProcess {
  readonly settings: WebFunctionSettings;
  /** Takes effect with the next request. */
  faults: WebFunctionFaults = {};
  readonly #onLog: (line: LogLine) => void;
  #environments: Promise<WebEnvironment>[] = [];
  readonly #ready = new Map<Promise<WebEnvironment>, WebEnvironment>();
  readonly #placed = new Map<Promise<WebEnvironment>, number>();
  #isClosing = false;

  constructor(settings: WebFunctionSettings, onLog: (line: LogLine) => void) {
    this.settings = settings;
    this.#onLog = onLog;
  }

  get pids(): readonly number[] {
    return [...this.#ready.values()].flatMap(({ pid }) => pid ?? []);
  }

  get running(): number {
    return [...this.#placed.values()].reduce((sum, placed) => sum + placed, 0);
  }

  get memoryMegabytes(): number {
    return this.settings.memoryMegabytes;
  }

  async blocked(): Promise<number> {
    return (await this.#report('connections')).blocked;
  }

  async memory(): Promise<MemoryReport> {
    return this.#report('memory');
  }

  /** What all environments together have to report. */
  async #report(question: EnvironmentQuestion): Promise<EnvironmentReport> {
    await this.start();
    const reports = await Promise.all(
      [...this.#ready.values()].map((environment) => environment.report(question)),
    );
    const sum = (of: keyof EnvironmentReport): number =>
      reports.reduce((total, report) => total + report[of], 0);
    return { rss: sum('rss'), heapUsed: sum('heapUsed'), external: sum('external'), blocked: sum('blocked') };
  }

  async start(): Promise<void> {
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
    await Promise.all((await started(before)).map((environment) => environment.shutDown()));
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

  #take(place: Promise<WebEnvironment>, requests: 1 | -1): void {
    const placed = (this.#placed.get(place) ?? 0) + requests;
    if (placed === 0) this.#placed.delete(place);
    else this.#placed.set(place, placed);
  }

  #place(): Promise<WebEnvironment> | undefined {
    const most = Math.min(this.settings.mostRequests, this.faults.mostRequests ?? Infinity);
    const withRoom = this.#environments.find((each) => (this.#placed.get(each) ?? 0) < most);
    if (withRoom) return withRoom;
    const { mostEnvironments = Infinity } = this.settings;
    return this.#environments.length < mostEnvironments ? this.#add() : undefined;
  }

  #add(): Promise<WebEnvironment> {
    const { name } = this.settings;
    const added = WebEnvironment.start(this.settings, (stream, text) =>
      this.#onLog({ functionName: name, stream, text }),
    );
    this.#environments.push(added);
    void this.#keep(added);
    return added;
  }

  /** Knows an environment from its start to its end. */
  async #keep(added: Promise<WebEnvironment>): Promise<void> {
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
    environment: WebEnvironment,
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
async function started(all: readonly Promise<WebEnvironment>[]): Promise<WebEnvironment[]> {
  const settled = await Promise.allSettled(all);
  return settled.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}
