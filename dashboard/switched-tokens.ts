import type { Identity } from './identity.ts';
import { requestJson } from './request.ts';
import type { TokenSource } from './token-source.ts';

/** Gets tokens for any identity from the issuer of the local stack. */
export class SwitchedTokens implements TokenSource {
  readonly #identity: Identity;
  readonly #signal: AbortSignal;
  #token: string | undefined;
  #request: Promise<string> | undefined;

  /** @param signal ends all requests. */
  constructor(identity: Identity, signal: AbortSignal) {
    this.#identity = identity;
    this.#signal = signal;
  }

  /** Asks the issuer for a token when there is none, once for all who wait. */
  async current(): Promise<string> {
    if (this.#token !== undefined) return this.#token;
    this.#request ??= this.#ask();
    try {
      this.#token = await this.#request;
      return this.#token;
    } finally {
      this.#request = undefined;
    }
  }

  discard(token: string): void {
    if (this.#token === token) this.#token = undefined;
  }

  async #ask(): Promise<string> {
    const { user, workspace, admin } = this.#identity;
    const answer = await requestJson('/issuer/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sub: user, workspace, admin }),
      signal: this.#signal,
    });
    return (answer as { token: string }).token;
  }
}
