import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { LogLine } from '../functions/function-process.ts';
import type { HostProcess } from '../functions/host-process.ts';
import { sendMessage } from '../gateway/function-response.ts';
import type { OnAnswered, ServiceSample } from '../metrics/platform-metrics.ts';
import { relay } from '../servers/relay.ts';
import { ServerPool } from '../servers/server-pool.ts';
import type { ServerProcess } from '../servers/server-process.ts';
import type { TaskSettings } from './container-task.ts';
import { ContainerTask } from './container-task.ts';
import { forwardedHeaders } from './forwarded-headers.ts';

/** How the tasks of a service are run. */
export interface ContainerSettings extends TaskSettings {
  /** How many tasks there are. */
  readonly tasks: number;
  /** Memory of a task, MB. */
  readonly memoryMegabytes: number;
  /** Processors of a task. */
  readonly processors: number;
  /** How long a task that is to go keeps the requests that it has, before it is told to end, seconds. */
  readonly drainSeconds: number;
  /** How long it has to end then, seconds. */
  readonly stopSeconds: number;
}

/** What a platform may do otherwise than one would like it to. */
export interface ContainerFaults {
  /** Whether a task does not hear when the client of a request leaves. */
  readonly hidesLeaving?: boolean;
  /** How long a task that is to go keeps its requests, seconds, instead of what the template says. */
  readonly drainSeconds?: number;
}

/** How long after the last client whose task has died has come back no more are waited for, and how often it is looked, ms. */
const lastMs = 5000;
const lookMs = 20;

/** A service of ECS and the load balancer before it: so many tasks, each in a process of its own, and all alike. */
export class ContainerService extends ServerPool implements HostProcess {
  readonly settings: ContainerSettings;
  /** Hears of the answers. */
  onAnswered: OnAnswered = () => {};
  faults: ContainerFaults = {};
  readonly #onLog: (line: LogLine) => void;
  /** Of all requests that are under way. */
  readonly #answers = new Set<ServerResponse>();
  /** Those that get requests, or will. */
  #tasks: ContainerTask[] = [];
  /** Those that are to go. */
  readonly #leaving = new Set<ContainerTask>();
  #isClosing = false;

  constructor(settings: ContainerSettings, onLog: (line: LogLine) => void) {
    super();
    this.settings = settings;
    this.#onLog = onLog;
  }

  protected override get servers(): readonly ServerProcess[] {
    return this.#all.flatMap(({ server }) => server ?? []);
  }

  get running(): number {
    return this.#all.reduce((sum, { running }) => sum + running, 0);
  }

  get memoryMegabytes(): number {
    return this.settings.memoryMegabytes;
  }

  get #all(): readonly ContainerTask[] {
    return [...this.#tasks, ...this.#leaving];
  }

  override async start(): Promise<void> {
    this.#fill();
    await Promise.all(this.#tasks.map(({ started }) => started));
  }

  /**
   * Kills one task after another: those of two zones do not go in one moment. Each goes when there is another that takes
   * requests, and as many are answered as before, or no more come back.
   */
  async crash(): Promise<void> {
    for (const task of this.#tasks) {
      await this.start();
      const before = this.#answered;
      await this.crashTask(task);
      await this.#untilBack(before);
    }
  }

  async #untilBack(before: number): Promise<void> {
    let most = 0;
    let lastAt = performance.now();
    for (;;) {
      const answered = this.#answered;
      if (answered >= before || performance.now() - lastAt > lastMs) return;
      if (answered > most) lastAt = performance.now();
      most = Math.max(most, answered);
      await wait(lookMs);
    }
  }

  /** How many requests have the begin of their answer, and not yet its end. */
  get #answered(): number {
    return [...this.#answers].filter(({ headersSent }) => headersSent).length;
  }

  /**
   * Kills a task: what runs in it fails, and another one is started.
   * @param task the one with the most requests, when it is left out.
   * @returns when it is gone, and the clients of its requests know.
   */
  async crashTask(task: ContainerTask | undefined = this.#byRequests.at(-1)): Promise<void> {
    await task?.server?.crash();
    await task?.idle();
  }

  /**
   * A deploy: as many other tasks, and when they take requests those that there are get no more, keep what they have for a
   * time, and are told to end.
   * @returns when they are gone.
   */
  async deploy(): Promise<void> {
    const before = this.#tasks;
    this.#tasks = [];
    this.#fill();
    const after = this.#tasks;
    // Both take requests until the others can.
    this.#tasks = [...before, ...after];
    await Promise.all(after.map(({ started }) => started));
    await Promise.all(before.map((task) => this.#remove(task)));
  }

  /** Ends all tasks at once, and starts no other. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(
      this.#all.map(async (task) => {
        await task.started.catch(() => undefined);
        await task.server?.crash();
      }),
    );
  }

  /** Hands a request to the task with the fewest, and its answer on as it comes. */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    onSent?: (bytes: Buffer) => void,
  ): Promise<void> {
    const [task] = this.#isClosing ? [] : this.#byRequests;
    if (task?.server === undefined) {
      request.resume();
      return this.#fail(response, 503, 'Service Temporarily Unavailable');
    }
    this.#answers.add(response);
    const sent = task.server.send(request, forwardedHeaders(request));
    const hidesLeaving = this.faults.hidesLeaving === true;
    try {
      await task.during(relay(request, response, { sent, hidesLeaving, onSent }));
      this.onAnswered(response.statusCode, 'task');
    } catch {
      if (response.headersSent) response.destroy();
      else this.#fail(response, 502, 'Bad Gateway');
    } finally {
      this.#answers.delete(response);
    }
  }

  #fail(response: ServerResponse, status: number, message: string): void {
    sendMessage(response, status, message, {});
    this.onAnswered(status, 'balancer');
  }

  /** How the tasks are that take requests. */
  async sample(): Promise<ServiceSample> {
    const { memoryMegabytes, processors } = this.settings;
    const used = await Promise.all(this.#byRequests.map((task) => task.used()));
    const known = used.filter((each) => each !== undefined);
    const mean = (of: 'processors' | 'megabytes', all: number): number =>
      known.reduce((sum, each) => sum + Math.min(1, each[of] / all), 0) * (100 / known.length);
    return {
      healthy: known.length,
      processor: mean('processors', processors),
      memory: mean('megabytes', memoryMegabytes),
    };
  }

  /** The tasks that take requests, those with the fewest first. */
  get #byRequests(): readonly ContainerTask[] {
    return this.#tasks.filter(({ server }) => server !== undefined).toSorted((a, b) => a.running - b.running);
  }

  /** Starts the tasks that are missing. */
  #fill(): void {
    while (!this.#isClosing && this.#tasks.length < this.settings.tasks) this.#add();
  }

  #add(): void {
    const task = new ContainerTask(this.settings, this.#onLog);
    this.#tasks.push(task);
    // Whoever waits for it hears of it.
    task.started.catch(() => undefined);
    void this.#follow(task);
    void task.unhealthy.then(() => this.#remove(task));
  }

  /** Knows a task to its end. */
  async #follow(task: ContainerTask): Promise<void> {
    const wasThere = await task.gone;
    this.#leaving.delete(task);
    if (!this.#tasks.includes(task)) return;
    this.#tasks = this.#tasks.filter((each) => each !== task);
    // One that does not come up would be followed by others without end.
    if (wasThere) this.#fill();
  }

  /** Takes a task out of the load balancer, and ends it when it has had its time; another one takes its place. */
  async #remove(task: ContainerTask): Promise<void> {
    this.#tasks = this.#tasks.filter((each) => each !== task);
    this.#leaving.add(task);
    this.#fill();
    const { drainSeconds = this.settings.drainSeconds } = this.faults;
    await task.drained(wait(drainSeconds * 1000, undefined, { ref: false }));
    await task.server?.stop(this.settings.stopSeconds * 1000);
  }
}
