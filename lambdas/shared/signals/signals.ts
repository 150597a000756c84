import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { GaugeObserver, Observer, ProbeObserver } from '../../../core/observer.ts';
import type { UnitsConsumed } from '../dynamodb/consumed-units.ts';
import { MetricsRecorder } from './recorder.ts';
import { SignalObserver } from './signal-observer.ts';

type GaugeName = Parameters<MetricsRecorder['measure']>[0];

/** Metrics that are not counted but looked at, by their names. */
export type Gauges = Readonly<Partial<Record<GaugeName, () => number>>>;

/** How often an invocation that goes on publishes its metrics, milliseconds. */
const publishEveryMs = 60_000;

/**
 * What a function tells its operators: logs, and metrics in the embedded metric format, which cost no request. Made once a
 * process. Powertools reads from the environment, where the stack has put it, what they are named and whether they are
 * wanted (`lib/functions/service-function.ts`).
 */
export class Signals {
  /** Hears of all that happens in the process. */
  readonly observer: Observer & ProbeObserver & GaugeObserver;
  readonly #logger = new Logger();
  readonly #metrics = new MetricsRecorder(new Metrics(), Math.random);
  readonly #gauges: Gauges;
  #running = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param samplePercent as `SignalObserver` has it.
   * @param gauges what is asked for a value each time that something is published.
   */
  constructor(samplePercent: number, gauges: Gauges = {}) {
    this.#gauges = gauges;
    this.observer = new SignalObserver({ logger: this.#logger, metrics: this.#metrics, samplePercent });
  }

  /** Hears what the process has spent at the tables. */
  readonly consumed = ({ readUnits, writeUnits }: UnitsConsumed): void => {
    if (readUnits > 0) this.#metrics.count('ReadUnits', readUnits);
    if (writeUnits > 0) this.#metrics.count('WriteUnits', writeUnits);
  };

  /** What the invocation is called that runs: all that is logged from now on says so. */
  readonly correlate = (correlationId: string): void => {
    this.#logger.appendKeys({ correlationId });
  };

  /**
   * Runs an invocation: what is logged meanwhile names its request, and what was counted is published when it ends, and
   * every minute while it goes on.
   */
  async during<Result>(context: Context, work: () => Promise<Result>): Promise<Result> {
    this.#logger.resetKeys();
    // Of the context no more than that: name, ARN and memory of the function are the same in each line, and lines are billed.
    this.#logger.appendKeys({ function_request_id: context.awsRequestId });
    const stop = this.start();
    try {
      return await work();
    } finally {
      stop();
    }
  }

  /**
   * Publishes what is counted, every minute from now on.
   * @returns publishes the rest, and stops that unless somebody else has begun it too.
   */
  start(): () => void {
    this.#running += 1;
    this.#timer ??= setInterval(() => this.#publish(), publishEveryMs).unref();
    return () => {
      this.#running -= 1;
      if (this.#running === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
      this.#publish();
    };
  }

  /** Never throws: what is measured must not fail for the measuring. */
  #publish(): void {
    try {
      for (const [name, value] of Object.entries(this.#gauges))
        this.#metrics.measure(name as GaugeName, value());
      this.#metrics.publish();
    } catch (error) {
      this.observer.trouble('metrics cannot be published', error);
    }
  }
}

/** A handler as Lambda calls it. */
type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/** Runs each invocation of a handler as `Signals.during` has it. */
export function observed<Event, Result>(
  signals: Pick<Signals, 'during'>,
  handler: Handler<Event, Result>,
): Handler<Event, Result> {
  return (event, context) => signals.during(context, () => handler(event, context));
}
