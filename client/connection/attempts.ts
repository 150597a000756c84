import { RequestRefused } from '../http/request.ts';
import { fullJitter } from './backoff.ts';

/** What follows from a failure, and why. */
export interface Verdict {
  /** How long to wait before another attempt; undefined when there is to be none. */
  readonly waitMs: number | undefined;
  readonly reason: string;
  readonly message?: string | undefined;
}

/** How many tokens in a row may be refused: another may have been issued before whatever has ended the first. */
const mostRefusals = 3;

/** Whether the server has refused a token. */
export function isTokenRefusal(error: unknown): error is RequestRefused {
  return error instanceof RequestRefused && error.status === 401;
}

/** Decides when to try again after a failure, and whether. */
export class Attempts {
  /** How many have failed since a session lived for a while. */
  failed = 0;
  /** How many tokens in a row were refused. */
  #refusals = 0;

  /** The user tries anew. */
  forget(): void {
    this.failed = 0;
    this.#refusals = 0;
  }

  /** A session was established: its token is good. */
  established(): void {
    this.#refusals = 0;
  }

  /** There is no token, or the server has refused something else, or has not answered. */
  afterError(error: unknown): Verdict {
    const { message } = error as Error;
    const refusal = error instanceof RequestRefused ? error : undefined;
    const reason = refusal?.code ?? 'unreachable';
    if (refusal?.isPassing === false) return { waitMs: undefined, reason, message };
    this.failed += 1;
    return { waitMs: Math.max(refusal?.retryAfterMs ?? 0, fullJitter(this.failed)), reason, message };
  }

  /** As `afterError`, but where the server has refused the token: another one may do, the first time at once. */
  afterRefusal(error: unknown): Verdict {
    if (!isTokenRefusal(error)) return this.afterError(error);
    const { code: reason, message } = error;
    this.#refusals += 1;
    if (this.#refusals >= mostRefusals) return { waitMs: undefined, reason, message };
    return { waitMs: this.#refusals === 1 ? 0 : fullJitter(this.#refusals), reason, message };
  }

  /**
   * A session has ended.
   * @param reason of its end; undefined when it broke.
   * @param retryMs what the server asked to wait.
   */
  afterEnd(reason: string | undefined, isSettled: boolean, retryMs: number | undefined): Verdict {
    if (isSettled) this.failed = 0;
    if (reason !== undefined) return { waitMs: retryMs ?? fullJitter(1), reason };
    this.failed += 1;
    return { waitMs: fullJitter(this.failed), reason: 'lost' };
  }

  /** A session has gone silent, or was never answered, which is no reason to hurry. Gives how long to wait. */
  afterSilence(isEstablished: boolean): number {
    this.failed = isEstablished ? 0 : this.failed + 1;
    return this.failed < 2 ? 0 : fullJitter(this.failed);
  }
}
