import { asFailure, SmokeFailure } from './failure.ts';

/** What became of one step. */
export interface StepResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Time of the step, or of what it measures, in milliseconds. */
  readonly ms: number;
  /** What was seen; for a skipped step, why. */
  readonly found: string;
  readonly meaning?: string;
  readonly remedy?: string;
}

/** What a step gives: a value for later steps, what to show, and the time it measured if not its own. */
export interface StepOutcome<Value> {
  readonly value: Value;
  readonly found: string;
  readonly ms?: number;
}

type Present<Needs> = { readonly [Key in keyof Needs]: Exclude<Needs[Key], undefined> };

/** Runs steps one after the other, each within the time limit, and keeps what became of them. */
export class Steps {
  readonly results: StepResult[] = [];
  readonly #limitMs: number;
  readonly #interrupt: AbortSignal;
  readonly #onResult: (result: StepResult) => void;

  /** @param interrupt when aborted, a running step fails and later ones are skipped. */
  constructor(limitMs: number, interrupt: AbortSignal, onResult: (result: StepResult) => void) {
    this.#limitMs = limitMs;
    this.#interrupt = interrupt;
    this.#onResult = onResult;
  }

  get passed(): boolean {
    return this.results.every(({ outcome }) => outcome !== 'failed');
  }

  /**
   * Runs a step and gives its value; undefined when it failed, or was skipped because one of its needs, the values of
   * steps before, is undefined. The names of the needs say what is missing.
   */
  async run<Needs extends object, Value>(
    name: string,
    needs: Needs,
    act: (needs: Present<Needs>, signal: AbortSignal) => Promise<StepOutcome<Value>>,
  ): Promise<Value | undefined> {
    const missing = Object.entries(needs).find(([, value]) => value === undefined)?.[0];
    if (this.#interrupt.aborted) this.skip(name, 'interrupted');
    else if (missing !== undefined) this.skip(name, `it needs the ${missing}, which is missing`);
    else return this.#attempt(name, (signal) => act(needs as Present<Needs>, signal), this.#interrupt);
    return undefined;
  }

  /** Runs a step that an interruption does not stop. */
  async runAlways(name: string, act: (signal: AbortSignal) => Promise<StepOutcome<true>>): Promise<void> {
    await this.#attempt(name, act, undefined);
  }

  /** Notes that a step was left out, and why. */
  skip(name: string, reason: string): void {
    this.#note({ name, outcome: 'skipped', ms: 0, found: reason });
  }

  async #attempt<Value>(
    name: string,
    act: (signal: AbortSignal) => Promise<StepOutcome<Value>>,
    interrupt: AbortSignal | undefined,
  ): Promise<Value | undefined> {
    const controller = new AbortController();
    // Not AbortSignal.timeout: its timer would let the process end while a step waits.
    const timer = setTimeout(
      () => controller.abort(new DOMException('the step took too long', 'TimeoutError')),
      this.#limitMs,
    );
    const stop = (): void =>
      controller.abort(new SmokeFailure('interrupted', 'the test was stopped', 'run it again'));
    interrupt?.addEventListener('abort', stop, { once: true });
    const began = performance.now();
    try {
      const { value, found, ms } = await act(controller.signal);
      this.#note({ name, outcome: 'passed', ms: ms ?? performance.now() - began, found });
      return value;
    } catch (error) {
      const stopped: unknown = controller.signal.reason;
      const cause = stopped instanceof SmokeFailure ? stopped : error;
      const { message, meaning, remedy } = asFailure(cause, this.#limitMs);
      this.#note({
        name,
        outcome: 'failed',
        ms: performance.now() - began,
        found: message,
        meaning,
        remedy,
      });
      return undefined;
    } finally {
      clearTimeout(timer);
      interrupt?.removeEventListener('abort', stop);
    }
  }

  #note(result: StepResult): void {
    const rounded = { ...result, ms: Math.round(result.ms) };
    this.results.push(rounded);
    this.#onResult(rounded);
  }
}
