/**
 * The load generator, a process of its own: it shares nothing with the stack but the machine. Opens the streams, writes
 * at a steady rate, and checks and times each frame.
 */
import { createHistogram } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { parentPartner } from './conversation.ts';
import { DeliveryCheck } from './delivery-check.ts';
import { EventStream } from './event-stream.ts';
import type { Latency, LoadPlan, LoadReport, ResumeReport } from './results.ts';
import { changeOf, Writer } from './writer.ts';

/** How many streams connect at a time. */
const connectsAtOnce = 32;

/** How many writes the streams miss while they are cut. */
const missedWrites = 5;

/** How long after the last write a change may still come before it counts as lost. */
const patienceMs = 10_000;

/** Histograms count microseconds. */
const toMicroseconds = (milliseconds: number): number => Math.max(1, Math.round(milliseconds * 1000));

class Load {
  readonly #plan: LoadPlan;
  readonly #check: DeliveryCheck;
  readonly #writer: Writer;
  /** When each change was due; NaN in the phase that is not measured. */
  readonly #dueAt: Float64Array;
  /** All streams get the same text of an event: it is parsed once. */
  readonly #changes = new Map<string, number>();
  readonly #delivery = createHistogram({ figures: 3 });
  readonly #answer = createHistogram({ figures: 3 });
  readonly #streams: EventStream[] = [];
  readonly #held: EventStream[] = [];
  #endedStreams = 0;
  #heldEnded = 0;
  #heldEvents = 0;
  #lastFrameAt = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    const changes = plan.rate * (plan.warmUpSeconds + plan.seconds) + missedWrites;
    this.#check = new DeliveryCheck(plan.streamTokens.length, changes);
    this.#writer = new Writer(plan.port, plan.writerToken);
    this.#dueAt = new Float64Array(changes).fill(Number.NaN);
  }

  /**
   * Opens all streams.
   * @returns when each has its first frame: how long that took, seconds.
   */
  async connect(): Promise<number> {
    const { heldTokens, streamTokens } = this.#plan;
    const [held, told] = [heldTokens.values(), streamTokens.keys()];
    const work = async (): Promise<void> => {
      for (const token of held) await this.#hold(token).established;
      for (const index of told) await this.#open(index).established;
    };
    const begin = performance.now();
    await Promise.all(Array.from({ length: connectsAtOnce }, work));
    return (performance.now() - begin) / 1000;
  }

  /** Writes what is not measured; resolves when all of it is delivered. */
  async warmUp(): Promise<void> {
    const { rate, warmUpSeconds } = this.#plan;
    await this.#write(0, rate * warmUpSeconds, () => {});
    await this.#settle();
  }

  /** Writes what is measured; resolves when all of it is delivered, or counts as lost. */
  async measure(): Promise<LoadReport> {
    const { rate, warmUpSeconds, seconds } = this.#plan;
    const from = rate * warmUpSeconds;
    const writes = rate * seconds;
    const begin = performance.now();
    const accepted = await this.#write(from, from + writes, (change, dueAt) => {
      this.#dueAt[change] = dueAt;
    });
    await this.#settle();
    const frames = this.#delivery.count;
    return {
      writes: accepted,
      failedWrites: writes - accepted,
      frames,
      framesPerSecond: frames / ((this.#lastFrameAt - begin) / 1000),
      ...this.#check.faults(),
      endedStreams: this.#endedStreams,
      heldEnded: this.#heldEnded,
      heldEvents: this.#heldEvents,
      delivery: quantiles(this.#delivery),
      answer: quantiles(this.#answer),
    };
  }

  /**
   * Cuts all streams at once, writes meanwhile, and has all come back at once with the last id that each had.
   * @returns when each has what it missed, or that counts as lost.
   */
  async resume(): Promise<ResumeReport> {
    const { rate, warmUpSeconds, seconds } = this.#plan;
    const before = this.#check.faults();
    for (const stream of this.#streams) stream.close();
    const from = rate * (warmUpSeconds + seconds);
    await this.#write(from, from + missedWrites, () => {});
    const begin = performance.now();
    const opened = this.#streams.map(({ lastId }, index) => this.#open(index, lastId).established);
    const refused = (await Promise.allSettled(opened)).filter(({ status }) => status === 'rejected').length;
    await this.#settle();
    const after = this.#check.faults();
    return {
      seconds: (performance.now() - begin) / 1000,
      refused,
      lost: after.lost - before.lost,
      doubled: after.doubled - before.doubled,
    };
  }

  /** Breaks all connections off. */
  close(): void {
    this.#writer.close();
    for (const stream of [...this.#streams, ...this.#held]) stream.close();
  }

  #hold(token: string): EventStream {
    const stream = new EventStream(this.#plan.port, token, {
      onEvent: () => (this.#heldEvents += 1),
      onEnd: () => (this.#heldEnded += 1),
    });
    this.#held.push(stream);
    return stream;
  }

  #open(index: number, lastId?: string): EventStream {
    const { port, streamTokens } = this.#plan;
    const listener = {
      onEvent: (json: string) => this.#receive(index, json),
      onEnd: () => (this.#endedStreams += 1),
    };
    const stream = new EventStream(port, streamTokens[index]!, listener, lastId);
    this.#streams[index] = stream;
    return stream;
  }

  /** @returns how many writes were accepted */
  async #write(from: number, to: number, onDue: (change: number, dueAt: number) => void): Promise<number> {
    const outcomes = await this.#writer.write(from, to, this.#plan.rate, onDue);
    const accepted = outcomes.filter((outcome) => outcome.accepted);
    for (const { change, answeredAt } of accepted) {
      this.#check.expect(change);
      const dueAt = this.#dueAt[change]!;
      if (!Number.isNaN(dueAt)) this.#answer.record(toMicroseconds(answeredAt - dueAt));
    }
    return accepted.length;
  }

  async #settle(): Promise<void> {
    const given = new AbortController();
    const patience = wait(patienceMs, undefined, { signal: given.signal }).catch(() => {});
    await Promise.race([this.#check.complete(), patience]);
    given.abort();
  }

  #receive(stream: number, json: string): void {
    let change = this.#changes.get(json);
    if (change === undefined) {
      change = changeOf(json);
      this.#changes.set(json, change);
    }
    this.#check.receive(stream, change);
    const dueAt = this.#dueAt[change]!;
    if (Number.isNaN(dueAt)) return;
    this.#lastFrameAt = performance.now();
    this.#delivery.record(toMicroseconds(this.#lastFrameAt - dueAt));
  }
}

function quantiles(histogram: RecordableHistogram): Latency {
  return {
    p50: histogram.percentile(50) / 1000,
    p99: histogram.percentile(99) / 1000,
    max: histogram.max / 1000,
  };
}

const parent = parentPartner();
const load = new Load(await parent.hear<LoadPlan>('plan'));
parent.say('connected', await load.connect());
await parent.hear('warm up');
await load.warmUp();
parent.say('warm');
await parent.hear('measure');
parent.say('measured', await load.measure());
await parent.hear('resume');
parent.say('resumed', await load.resume());
await parent.hear('close');
load.close();
parent.say('closed');
