import type { Endpoints } from './endpoints.ts';
import { RequestRefused, requestJson } from './request.ts';
import type { Tokens } from './tokens.ts';

/** Sends requests of one user to the API. */
export class Caller {
  readonly #endpoints: Endpoints;
  readonly #tokens: Tokens;
  readonly #signal: AbortSignal;

  /** @param signal ends all requests. */
  constructor(endpoints: Endpoints, tokens: Tokens, signal: AbortSignal) {
    this.#endpoints = endpoints;
    this.#tokens = tokens;
    this.#signal = signal;
  }

  /**
   * Sends a request, and once more with another token where that was refused.
   * @param path with its query.
   * @throws as `requestJson` and `Tokens.current`.
   */
  async send(
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
    body?: object,
  ): Promise<unknown> {
    const token = await this.#tokens.current();
    try {
      return await this.#sendWith(token, method, path, headers, body);
    } catch (error) {
      if (!(error instanceof RequestRefused && error.status === 401)) throw error;
      this.#tokens.refuse(token, error);
      return this.#sendWith(await this.#tokens.current(), method, path, headers, body);
    }
  }

  #sendWith(
    token: string,
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
    body?: object,
  ): Promise<unknown> {
    return requestJson(`${this.#endpoints.api}${path}`, {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: this.#signal,
    });
  }
}
