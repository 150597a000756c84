import type { ProbeObserver } from '../../core/observer.ts';
import type { AttemptOptions } from './attempt.ts';
import { Attempt } from './attempt.ts';
import type { ProbeFailure } from './failure.ts';
import type { TokenSource } from './token-source.ts';

export interface CanaryOptions extends Omit<AttemptOptions, 'id' | 'tokens'> {
  readonly tokens: Pick<TokenSource, 'get' | 'forget'>;
  readonly observer: ProbeObserver;
  /** The most that a run takes before it is given up and cleaned up, milliseconds. */
  readonly probeMs: number;
  /** A text that nobody else makes. */
  readonly newId: () => string;
}

/** The most that cleaning up takes, in which an API that is throttled comes back. Milliseconds. */
const cleanUpMs = 20_000;

/** A client of the stage that does all that a user's page does, and says how it went. */
export class Canary {
  readonly #options: CanaryOptions;

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  /**
   * Runs once, and cleans up whatever happens.
   * @throws {ProbeFailure} for the first thing that has failed.
   */
  async run(): Promise<void> {
    const { tokens, observer, probeMs, newId } = this.#options;
    const attempt = new Attempt({ ...this.#options, id: newId() });
    const [probe] = await Promise.allSettled([attempt.probe(AbortSignal.timeout(probeMs))]);
    const [cleanUp] = await Promise.allSettled([attempt.cleanUp(AbortSignal.timeout(cleanUpMs))]);
    const failures = [probe, cleanUp].flatMap((each) =>
      each.status === 'rejected' ? [each.reason as ProbeFailure] : [],
    );
    for (const { fault, cause } of failures) observer.probeFailed(fault, cause);
    if (probe.status === 'fulfilled') observer.probed(probe.value);
    if (failures.length === 0) return;
    tokens.forget();
    throw failures[0]!;
  }
}
