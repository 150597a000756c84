import type { ProbeFault } from '../../core/observer.ts';

/** A run of the canary that has failed; `cause` says why. */
export class ProbeFailure extends Error {
  override readonly name = 'ProbeFailure';
  /** At which step. */
  readonly fault: ProbeFault;

  constructor(fault: ProbeFault, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`the canary failed at ${fault}: ${reason}`, { cause });
    this.fault = fault;
  }
}

/**
 * Does a step of a run.
 * @throws {ProbeFailure} with the name of the step, for whatever it throws.
 */
export async function at<Result>(fault: ProbeFault, step: Promise<Result>): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    throw error instanceof ProbeFailure ? error : new ProbeFailure(fault, error);
  }
}
