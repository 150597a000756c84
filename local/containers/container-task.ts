import { EventEmitter, once } from 'node:events';
import type { LogLine } from '../functions/function-process.ts';
import { ServerProcess } from '../servers/server-process.ts';
import type { ServerSettings } from '../servers/server-process.ts';

/** How a load balancer asks a task whether it can take requests. */
export interface HealthCheck {
  readonly path: string;
  readonly intervalSeconds: number;
  /** How long an answer may take. */
  readonly timeoutSeconds: number;
  /** How often in a row it has to fail until the task is replaced. */
  readonly failures: number;
}

/** What a task is made of. */
export interface TaskSettings extends ServerSettings {
  /** The variable by which the program is told where to take requests. */
  readonly endpointVariable: string;
  readonly health: HealthCheck;
}

/** How long a task may take until it can take requests, milliseconds: more than a busy laptop needs. */
const readyMs = 120_000;

/** One task of a service: a process, and how many requests it has. */
export class ContainerTask {
  /** The process, while it is there and could take requests. */
  server: ServerProcess | undefined;
  /** Resolves when it can take requests; rejects when it does not come up. */
  readonly started: Promise<void>;
  /** Resolves when the process is there no more, to whether it has ever taken requests. */
  readonly gone: Promise<boolean>;
  /** Resolves when it has failed its health checks. */
  readonly unhealthy: Promise<void>;
  #running = 0;
  /** When the processor time was asked for last, and what it was, both milliseconds. */
  #asked = { at: performance.now(), processorMs: 0 };
  readonly #requests = new EventEmitter<{ none: [] }>();

  constructor(settings: TaskSettings, onLog: (line: LogLine) => void) {
    const { name, endpointVariable, health } = settings;
    const started = ServerProcess.start(
      settings,
      { endpointVariable, hasJsonConsole: false, healthPath: health.path, readyMs },
      (stream, text) => onLog({ functionName: name, stream, text }),
    );
    const unhealthy = Promise.withResolvers<void>();
    this.unhealthy = unhealthy.promise;
    this.started = this.#keep(started);
    this.gone = this.#untilGone(started, health, unhealthy.resolve);
  }

  async #keep(started: Promise<ServerProcess>): Promise<void> {
    this.server = await started;
  }

  async #untilGone(
    started: Promise<ServerProcess>,
    health: HealthCheck,
    onUnhealthy: () => void,
  ): Promise<boolean> {
    try {
      const server = await started;
      const stopChecks = checkHealth(server, health, onUnhealthy);
      await server.died;
      stopChecks();
      this.server = undefined;
      return true;
    } catch {
      return false;
    }
  }

  /** How many requests are under way. */
  get running(): number {
    return this.#running;
  }

  /** What it has used since it was asked last: processors on average, and memory as it is; undefined where it has gone. */
  async used(): Promise<{ readonly processors: number; readonly megabytes: number } | undefined> {
    try {
      const report = await this.server?.report('connections');
      if (report === undefined) return undefined;
      const { processorMs, rss } = report;
      const before = this.#asked;
      this.#asked = { at: performance.now(), processorMs };
      return {
        processors: (processorMs - before.processorMs) / (this.#asked.at - before.at),
        megabytes: rss / 1024 / 1024,
      };
    } catch {
      return undefined;
    }
  }

  /** Counts a request as long as it is under way. */
  async during(request: Promise<void>): Promise<void> {
    this.#running += 1;
    try {
      await request;
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#requests.emit('none');
    }
  }

  /** Resolves when no request is under way. */
  async idle(): Promise<void> {
    if (this.#running > 0) await once(this.#requests, 'none');
  }

  /** Resolves when no request is under way, or when it has waited long enough. */
  async drained(patience: Promise<void>): Promise<void> {
    await Promise.race([this.idle(), patience, this.gone]);
  }
}

/** @returns ends the checks. */
function checkHealth(
  server: ServerProcess,
  { path, intervalSeconds, timeoutSeconds, failures }: HealthCheck,
  onUnhealthy: () => void,
): () => void {
  let failed = 0;
  const check = async (): Promise<void> => {
    failed = (await server.isHealthy(path, AbortSignal.timeout(timeoutSeconds * 1000))) ? 0 : failed + 1;
    if (failed >= failures) onUnhealthy();
  };
  const timer = setInterval(() => void check(), intervalSeconds * 1000).unref();
  return () => clearInterval(timer);
}
