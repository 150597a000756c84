import { RequestRefused } from './request.ts';

/** What a request for a token says. */
export interface TokenRequest {
  /** The token that the server has refused or that has expired, where one was: it must not be given again. */
  readonly refused?: string;
}

/**
 * Where tokens come from: a token that is used until it expires, or a function that is called for each connection and each
 * request, and so gives the one that it has as long as that is good. To say that there is none to be had any more, it
 * throws a `RequestRefused` of status 401; whatever else it throws is passing trouble.
 */
export type TokenProvider = string | ((request: TokenRequest) => string | Promise<string>);

/**
 * How often a function may give a token again that was refused, and how long it then has to get another: it may not know
 * yet that the token has expired, by a clock that differs from the server's.
 */
const repetitions = 5;
const renewalMs = 3_000;

/** The tokens of one user, asked for once for all who wait. */
export class Tokens {
  /** Is told each token, and done, before anything is done with that. */
  check: ((token: string) => Promise<void>) | undefined;
  readonly #provider: TokenProvider;
  #request: Promise<string> | undefined;
  #refusal: { readonly token: string; readonly error: RequestRefused; repeated: number } | undefined;

  constructor(provider: TokenProvider) {
    this.#provider = provider;
  }

  /**
   * The token to use now.
   * @throws {RequestRefused} when it is one that was refused before; passing trouble, the first times, where a function gives it.
   * @throws whatever the function throws.
   */
  async current(): Promise<string> {
    this.#request ??= this.#ask().finally(() => {
      this.#request = undefined;
    });
    const token = await this.#request;
    const refusal = this.#refusal;
    if (typeof token !== 'string' || token === '') throw new TypeError('`token` gave no token.');
    if (refusal?.token !== token) {
      await this.check?.(token);
      return token;
    }
    refusal.repeated += 1;
    const { status, code, message } = refusal.error;
    const isPassing = typeof this.#provider === 'function' && refusal.repeated < repetitions;
    throw new RequestRefused({ status, code, message, retryAfterMs: renewalMs, isPassing });
  }

  /** The server has refused a token, or is going to. */
  refuse(token: string, error: RequestRefused): void {
    if (this.#refusal?.token !== token) this.#refusal = { token, error, repeated: 0 };
  }

  /** Whoever has been refused tries again: what was refused may be given again. */
  forgive(): void {
    this.#refusal = undefined;
  }

  async #ask(): Promise<string> {
    if (typeof this.#provider === 'string') return this.#provider;
    return this.#provider(this.#refusal === undefined ? {} : { refused: this.#refusal.token });
  }
}
