import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Seams } from '../../../local/seams.ts';
import type { AlarmState } from '../../../local/metrics/alarm.ts';
import { judgedPeriods } from '../../../local/metrics/alarm.ts';
import type { AlarmStatus } from '../../../local/metrics/local-metrics.ts';
import type { LocalStackOptions } from '../../../local/stack.ts';
import type { TestStack, Who } from '../stack.ts';
import { SocketStream } from '../socket-stream.ts';
import type { StreamClient } from '../stream-client.ts';
import { assemblyDirectory, startIn } from '../synthesized-stack.ts';

const dayMs = 24 * 3600 * 1000;

/**
 * A stack whose alarms are looked at. The clock of its metrics stands still: what happens is in the minute that the test is
 * in, however long it takes, and a period is over when the test says so.
 */
export class AlarmWorld {
  readonly seams = new Seams();
  /** Function → how many invocations of it may run at a time. */
  readonly reserved = new Map<string, number>();
  readonly #assembly = assemblyDirectory();
  /** Begin of the period that the test is in, epoch milliseconds. */
  #now = Math.ceil(Date.now() / dayMs) * dayMs;
  #healed = Promise.withResolvers<void>();
  #stack: TestStack | undefined;
  #streams: { readonly who: Who; readonly stream: StreamClient }[] = [];

  /** @param settings of the stage, as `startWith` takes them. */
  async start(
    settings: Readonly<Record<string, unknown>>,
    options: Partial<LocalStackOptions> = {},
  ): Promise<void> {
    this.#stack = await startIn(this.#assembly, settings, {
      ...options,
      ...this.seams.options,
      reservedConcurrency: (functionName) => this.reserved.get(functionName),
      metricsNow: () => this.#now,
    });
  }

  async close(): Promise<void> {
    await this.#stack?.close();
    rmSync(this.#assembly, { recursive: true, force: true });
  }

  get stack(): TestStack {
    if (this.#stack === undefined) throw new Error('the stack is not started');
    return this.#stack;
  }

  get metrics(): TestStack['local']['metrics'] {
    return this.stack.local.metrics;
  }

  /** The alarms by their names, without the stage. */
  get alarms(): ReadonlyMap<string, AlarmStatus> {
    return new Map(
      this.metrics.alarms().map((each) => [each.alarm.name.replace('Taskwire-local-', ''), each]),
    );
  }

  /** The names of the alarms that are in a state. */
  namesIn(state: AlarmState): string[] {
    return [...this.alarms].flatMap(([name, each]) => (each.state === state ? [name] : []));
  }

  /** Lets a time pass, seconds. */
  pass(seconds: number): void {
    this.#now += seconds * 1000;
  }

  /** Lets the rest of an alarm's period pass. */
  endPeriod(status: AlarmStatus): void {
    this.#now = this.#endOfPeriod(status);
  }

  #endOfPeriod({ alarm }: AlarmStatus): number {
    const periodMs = alarm.periodSeconds * 1000;
    return (Math.floor(this.#now / periodMs) + 1) * periodMs;
  }

  /** Goes on in a day on which nothing that was before counts any more. */
  newDay(): void {
    this.#now = (Math.floor(this.#now / dayMs) + 3) * dayMs;
  }

  /** Lets so many periods pass that an alarm looks at nothing that was before. */
  passAll({ alarm }: AlarmStatus): void {
    this.pass(judgedPeriods(alarm) * alarm.periodSeconds);
  }

  /**
   * Resolves when so many of the periods that an alarm evaluates breach its threshold, as far as they are known; the newest is
   * the one that the test is in.
   */
  async breached(status: AlarmStatus, atLeast: number): Promise<void> {
    const { evaluationPeriods, periodSeconds, breaches } = status.alarm;
    const periodMs = periodSeconds * 1000;
    const to = this.#endOfPeriod(status);
    await this.until(() => {
      const values = this.metrics.values(status.alarm, to - evaluationPeriods * periodMs, to);
      return values.filter((value) => value !== undefined && breaches(value)).length >= atLeast;
    });
  }

  async until(condition: () => boolean): Promise<void> {
    for (let changed = this.metrics.changed(); !condition(); changed = this.metrics.changed()) await changed;
  }

  /** A user of a workspace that nobody else is in. */
  newUser(): Who {
    return { sub: 'alice', workspace: `alarms-${randomUUID()}` };
  }

  async connect(who: Who, query: Readonly<Record<string, string>> = {}): Promise<StreamClient> {
    const stream = await this.stack.connect(who, query);
    this.#streams.push({ who, stream });
    return stream;
  }

  async subscribe(who: Who): Promise<SocketStream> {
    const token = await this.stack.local.issuer.sign(who);
    return SocketStream.open(`ws://localhost:${this.stack.local.port}/ws?token=${token}`);
  }

  async write(who: Who, name = 'a task'): Promise<number> {
    const { status, body } = await this.stack.request(who, 'POST', '/tasks', { name });
    if (status !== 201) throw new Error(`a write was answered ${status}`);
    return body.task.id as number;
  }

  /** Ends the streams that are open, as pages do that close. Resolves when their function has ended them. */
  async endStreams(): Promise<void> {
    const open = this.#streams;
    this.#streams = [];
    await Promise.all(
      open.map(async ({ who, stream }) => {
        const { connectionId } = stream.frames[0]!.data;
        await this.stack.request(who, 'POST', '/sse/disconnect', { connectionId });
        await stream.ended;
      }),
    );
  }

  /** Ends the process of a function and all that runs in it. Resolves when another one has taken its place. */
  async crash(functionName: string): Promise<void> {
    const host = this.stack.local.hosts.get(functionName)!;
    await host.crash();
    await host.start();
  }

  /** Resolves when the faults are taken out the next time: what they hold back goes on then. */
  get healed(): Promise<void> {
    return this.#healed.promise;
  }

  /** Takes all faults out, and waits until nothing of them is under way. */
  async heal(): Promise<void> {
    this.#healed.resolve();
    this.#healed = Promise.withResolvers();
    this.seams.heal();
    this.reserved.clear();
    await this.stack.local.pump.drained();
    await this.stack.local.invocations.idle();
    await this.endStreams();
  }

  /**
   * Has the stream function publish what it has counted, as the end of any stream does. Else it would each minute.
   */
  async publishStreams(): Promise<void> {
    await this.stack.send('GET', '/sse/connect');
  }

  /**
   * What a user of a healthy stack does: write, hear of it, and list. Whether it is heard of is for other tests: a push that a
   * busy machine gives up would be waited for without an end.
   */
  async useHealthily(): Promise<void> {
    const who = this.newUser();
    const socket = await this.subscribe(who);
    await this.write(who);
    await this.stack.local.pump.drained();
    await this.stack.local.invocations.idle();
    const { status } = await this.stack.request(who, 'GET', '/tasks');
    if (status !== 200) throw new Error(`a list was answered ${status}`);
    socket.cut();
  }
}
