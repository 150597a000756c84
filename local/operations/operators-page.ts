import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { splitUrl } from '../gateway/http-event.ts';
import { sendMessage } from '../gateway/function-response.ts';
import { ownPages } from '../gateway/own-pages.ts';
import type { PageFile } from '../gateway/page.ts';
import { contentTypeOf, readPage, sendFile } from '../gateway/page.ts';
import { BodyTooLarge, readBody } from '../gateway/request-body.ts';
import type { Serve } from '../gateway/serve.ts';
import type { TrafficObserver } from '../gateway/traffic-log.ts';
import { Seams } from '../seams.ts';
import type { FaultSeams } from '../fault-seams.ts';
import type { LocalStack } from '../stack.ts';
import { endings } from '../websocket/limits.ts';
import { metricsView } from './charts.ts';
import type { LastingFaultName } from './faults.ts';
import { FaultSwitches, lastingFaults } from './faults.ts';
import { RecentFrames } from './recent-frames.ts';
import { StoredState } from './stored-state.ts';
import type { OperatorsView } from './view.ts';

/** The path of the page; all that it needs is below. */
export const operatorsPath = '/_ops/';

const bodyLimit = 1024;

const faultNames = Object.keys(lastingFaults) as LastingFaultName[];

/**
 * The page on which operators learn the signals: what a stack holds and does now, and the faults of the matrix as switches.
 * For a local stack, and for pages and tools of this machine only: it shows the tasks of all workspaces, and breaks things.
 */
export class OperatorsPage {
  readonly #seams = new Seams();
  readonly #switches = new FaultSwitches(this.#seams);
  readonly #frames = new RecentFrames();
  readonly #streams = new Set<ServerResponse>();
  readonly #attached = Promise.withResolvers<Attached>();
  #files: Promise<ReadonlyMap<string, PageFile>> | undefined;

  /** What the stack is to be started with. */
  readonly seams: FaultSeams = {
    ...this.#seams.options,
    onSocketCall: async (call) => {
      const fault = await this.#seams.socketCall?.(call);
      if (fault === undefined) this.#frames.socketCall(call);
      return fault;
    },
  };

  /** Hears what the stack sends to clients. */
  readonly traffic: Pick<TrafficObserver, 'stream'> = {
    stream: (request, response) => {
      this.#streams.add(response);
      response.once('close', () => this.#streams.delete(response));
      return this.#frames.stream(request, response);
    },
  };

  /** Answers below `/_ops`, once {@link attach} was called. */
  readonly serve: Serve = async (request, response, pathname) => {
    const attached = await this.#attached.promise;
    if (!attached.isOurs(request))
      return sendMessage(response, 403, 'The operators’ page answers pages and tools of this machine only');
    if (pathname === '/_ops') return void response.writeHead(301, { location: operatorsPath }).end();
    if (request.method === 'POST') return this.#post(request, response, pathname, attached);
    // It is bundled for whoever looks at it, and not at each start.
    this.#files ??= readFiles();
    const file = (await this.#files).get(pathname);
    if (file !== undefined) return sendFile(request, response, file);
    return this.#get(request, response, pathname, attached);
  };

  /** Shows a stack that runs. */
  attach(stack: LocalStack): void {
    const { isOurs } = ownPages(stack.port);
    this.#attached.resolve({ stack, state: new StoredState(stack), isOurs });
  }

  /** Switches all faults off, so that nothing waits for one; to be called before the stack is closed. */
  close(): void {
    for (const name of faultNames) this.#switches.set(name, false);
    void this.#attached.promise.then(({ state }) => state.close());
  }

  async #get(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
    { stack, state }: Attached,
  ): Promise<void> {
    const query = new URLSearchParams(splitUrl(request.url ?? '/').query);
    if (pathname === `${operatorsPath}view`) {
      return sendJson(response, await this.#view(stack, state, Number(query.get('frames') ?? 0)));
    }
    if (pathname === `${operatorsPath}metrics`)
      return sendJson(response, metricsView(stack.metrics, Date.now()));
    if (pathname === `${operatorsPath}workspaces`) return sendJson(response, await state.workspaces());
    if (pathname === `${operatorsPath}log`) {
      const workspace = query.get('workspace');
      if (!workspace) return sendMessage(response, 400, 'Say which: /_ops/log?workspace=NAME');
      const text = await state.log(workspace);
      return void response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
    }
    return sendMessage(response, 404, 'There is nothing here');
  }

  async #view(stack: LocalStack, state: StoredState, frames: number): Promise<OperatorsView> {
    return {
      now: Date.now(),
      connections: await state.connections(),
      frames: this.#frames.after(frames),
      functions: [...stack.hosts].map(([name, { running, pids }]) => ({ name, running, pids })),
      faults: faultNames.map((name) => {
        const { text, look, rows } = lastingFaults[name];
        const [isOn, injected] = [this.#switches.isOn(name), this.#switches.injected(name)];
        return { name, text, look, rows, isOn, injected };
      }),
    };
  }

  async #post(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
    { stack }: Attached,
  ): Promise<void> {
    // A form of another site can send neither this type nor read an answer.
    if (request.headers['content-type'] !== 'application/json')
      return sendMessage(response, 415, 'Send application/json');
    const bytes = await readBody(request, bodyLimit).catch((error: unknown) => {
      if (error instanceof BodyTooLarge) return undefined;
      throw error;
    });
    if (bytes === undefined) return sendMessage(response, 413, `Send no more than ${bodyLimit} bytes`);
    const body = readOrder(bytes.toString('utf8'));
    if (pathname === `${operatorsPath}faults`) {
      const { name, isOn } = body;
      if (!Object.hasOwn(lastingFaults, String(name)) || typeof isOn !== 'boolean')
        return sendMessage(response, 400, 'Send {"name": one of the faults of /_ops/view, "isOn": boolean}');
      this.#switches.set(name as LastingFaultName, isOn);
      return sendJson(response, { name, isOn });
    }
    if (pathname === `${operatorsPath}crash`) {
      const name = String(body['function']);
      const found = stack.hosts.get(name);
      if (found === undefined)
        return sendMessage(response, 400, 'Send {"function": one of those of /_ops/view}');
      await found.crash();
      return sendJson(response, { crashed: name });
    }
    if (pathname === `${operatorsPath}cut`) return sendJson(response, this.#cut(stack));
    return sendMessage(response, 404, 'There is nothing here');
  }

  /** Cuts all streams and WebSockets, as a network does. */
  #cut({ sockets }: LocalStack): { streams: number; sockets: number } {
    const ids = sockets.ids();
    for (const id of ids) sockets.find(id)?.end(endings.overdue);
    const streams = this.#streams.size;
    for (const response of this.#streams) response.destroy();
    return { streams, sockets: ids.length };
  }
}

/** The page, and the style that its charts need. */
async function readFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const files = await readPage(path.join(import.meta.dirname, 'page'), operatorsPath, 'operators');
  const style = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css');
  return files.set(`${operatorsPath}uPlot.css`, {
    contentType: contentTypeOf(style)!,
    body: readFileSync(style),
  });
}

/** What the page works on. */
interface Attached {
  readonly stack: LocalStack;
  readonly state: StoredState;
  readonly isOurs: (request: IncomingMessage) => boolean;
}

function readOrder(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function sendJson(response: ServerResponse, value: unknown): void {
  response
    .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(value));
}
