import { idempotencyKeyHeader } from '../../protocol/headers.ts';
import type { ApiAnswer } from './api.ts';
import { callApi } from './api.ts';
import type { User } from '../judge/visibility.ts';

/**
 * An answer that is no success: a status, for any request or for those of one method. A DELETE whose answer was lost
 * between function and table finds no task when it is tried again.
 */
export type Refusal = '401' | '409' | '429' | '503' | 'DELETE 404';

/** Sends writes to the API, and notes what is answered otherwise than a fault allows. */
export class TaskClient {
  readonly #origin: string;
  readonly #tokenOf: (sub: string) => string;
  /** The refusals that a fault may bring about; all others are findings. */
  allowed: readonly Refusal[] = [];
  /** Answers that no client may get under this fault, in words. */
  readonly scandals: string[] = [];

  constructor(origin: string, tokenOf: (sub: string) => string) {
    this.#origin = origin;
    this.#tokenOf = tokenOf;
  }

  /** Sends a request as a user. @returns status 0 when there was no answer */
  async call(
    user: User,
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Pick<ApiAnswer, 'status' | 'body'>> {
    const request = { headers, ...(body !== undefined && { body }) };
    try {
      const answer = await callApi(this.#origin, this.#tokenOf(user.sub), method, path, request);
      const names = new Set<string>([String(answer.status), `${method} ${answer.status}`]);
      if (answer.status >= 300 && !this.allowed.some((refusal) => names.has(refusal)))
        this.scandals.push(`${method} ${path} was answered ${answer.status} ${answer.body.code}`);
      return answer;
    } catch (error) {
      this.scandals.push(`${method} ${path} was not answered: ${(error as Error).message}`);
      return { status: 0, body: {} };
    }
  }
}

/** The header that makes a request safe to repeat. */
export function withKey(key: string): Readonly<Record<string, string>> {
  return { [idempotencyKeyHeader]: key };
}
