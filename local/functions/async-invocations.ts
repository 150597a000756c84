import type { LogLine } from './function-process.ts';
import { isThrottle } from './invocation.ts';
import type { InvokeConfig } from './invoke-config.ts';

/** A function that events can be queued for. */
export interface AsyncTarget {
  /** Short name, such as `push`. */
  readonly name: string;
  readonly arn: string;
  readonly process: {
    readonly invokeBuffered: (event: unknown) => Promise<unknown>;
    readonly settings?: { readonly reservedConcurrency?: (() => number | undefined) | undefined };
  };
}

/** An event that was accepted for a function. */
export interface AsyncInvocation {
  /** Short name of the function that asked. */
  readonly by: string;
  /** Short name of the function that is invoked. */
  readonly functionName: string;
  readonly event: unknown;
}

/**
 * What becomes of an event other than that its function gets it once: it is lost, or comes twice. Both happen.
 * Source: Invoke, Lambda API reference ("events may be lost", "the same event multiple times").
 */
export type AsyncFault = { readonly kind: 'lose' } | { readonly kind: 'repeat' };

/** Decides what becomes of an event; undefined lets it pass. */
export type OnAsyncInvocation = (invocation: AsyncInvocation) => AsyncFault | undefined;

export interface AsyncInvocationsOptions {
  readonly onError: (line: LogLine) => void;
  readonly onInvocation?: OnAsyncInvocation | undefined;
  /** Hears of each event that is given up, by the ARN of its function. */
  readonly onDropped?: ((arn: string) => void) | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Waits before another try, and ends early when the signal is aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * The waits before an event is tried again, milliseconds.
 * Source: "How Lambda handles errors and retries with asynchronous invocation", Lambda developer guide.
 */
const retryWaitsMs = [60_000, 120_000];

/** The bounds of the waits before an event is tried again that was refused. Source: as above. */
const firstThrottledWaitMs = 1000;
const longestThrottledWaitMs = 300_000;

/** Runs the functions that were invoked asynchronously, after the callers have their answers. */
export class AsyncInvocations {
  readonly #options: AsyncInvocationsOptions;
  readonly #targets = new Map<string, AsyncTarget & { readonly config: InvokeConfig }>();
  readonly #running = new Set<Promise<void>>();
  readonly #closed = new AbortController();

  constructor(options: AsyncInvocationsOptions) {
    this.#options = options;
  }

  /** Makes a function known. */
  add(target: AsyncTarget, config: InvokeConfig): void {
    this.#targets.set(target.arn, { ...target, config });
  }

  /**
   * Takes an event for a function.
   * @returns false where there is no such function.
   */
  accept(arn: string, by: string, event: unknown): boolean {
    const target = this.#targets.get(arn);
    if (target === undefined) return false;
    if (this.#closed.signal.aborted) return true;
    const fault = this.#options.onInvocation?.({ by, functionName: target.name, event });
    if (fault?.kind === 'lose') return true;
    for (let times = fault?.kind === 'repeat' ? 2 : 1; times > 0; times -= 1) {
      const run = this.#run(target, event);
      this.#running.add(run);
      void run.then(() => this.#running.delete(run));
    }
    return true;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** From now on nothing begins, nothing is tried again, and nobody hears of what fails. */
  stop(): void {
    this.#closed.abort();
  }

  async #run(target: AsyncTarget & { readonly config: InvokeConfig }, event: unknown): Promise<void> {
    const { now, wait, onError, onDropped } = this.#options;
    const { name, arn, process, config } = target;
    const accepted = now();
    const { signal } = this.#closed;
    let failures = 0;
    let refusals = 0;
    while (!signal.aborted) {
      try {
        await process.invokeBuffered(event);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const isRefused = isThrottle(error);
        const waitMs = isRefused ? throttledWait(target, refusals++) : failedWait(config, failures++);
        const isOver =
          waitMs === undefined || now() + waitMs - accepted > config.maximumEventAgeSeconds * 1000;
        const fate = isOver ? 'dropped' : 'tried again';
        const text = `an event of ${name} is ${fate}: ${(error as Error).message}`;
        onError({ functionName: 'stack', stream: 'stderr', text });
        if (isOver) return onDropped?.(arn);
        await wait(waitMs, signal);
      }
    }
  }
}

/** How long an event waits that its function has failed on, milliseconds; undefined where it is not tried again. */
function failedWait({ maximumRetryAttempts }: InvokeConfig, failures: number): number | undefined {
  return failures < maximumRetryAttempts ? retryWaitsMs[failures] : undefined;
}

/**
 * How long an event waits that was refused, milliseconds; undefined where the function is switched off.
 * Source of the latter: "Configuring reserved concurrency for a function", Lambda developer guide.
 */
function throttledWait({ process }: AsyncTarget, refusals: number): number | undefined {
  if (process.settings?.reservedConcurrency?.() === 0) return undefined;
  return Math.min(longestThrottledWaitMs, firstThrottledWaitMs * 2 ** Math.min(refusals, 16));
}
