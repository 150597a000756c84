import type { SignedIn } from './oidc-client.ts';
import { RequestRefused } from './request.ts';
import type { TokenSource } from './token-source.ts';

/** A token this close to its end is replaced before it is used, in milliseconds. */
const renewalMs = 60_000;

export interface RenewedTokensOptions {
  readonly signedIn: SignedIn;
  /** Gets new tokens for a refresh token; throws as `OidcClient.renew`. */
  readonly renew: (refreshToken: string) => Promise<SignedIn>;
  readonly onRenewed: (signedIn: SignedIn) => void;
  /** The sign-in is over: only the user can begin another. */
  readonly onEnded: (reason: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The tokens of a user who has signed in, renewed as long as the issuer does. */
export class RenewedTokens implements TokenSource {
  readonly #options: RenewedTokensOptions;
  #signedIn: SignedIn;
  #refused: string | undefined;
  #renewal: Promise<string> | undefined;

  constructor(options: RenewedTokensOptions) {
    this.#options = options;
    this.#signedIn = options.signedIn;
  }

  /** Renews a token that was refused or is about to expire, once for all who wait. */
  async current(): Promise<string> {
    const { idToken, expiresAt, refreshToken } = this.#signedIn;
    const left = expiresAt - this.#options.now();
    const isGood = idToken !== this.#refused && left > 0;
    // One that cannot be replaced is used to its end.
    if (isGood && (left > renewalMs || refreshToken === undefined)) return idToken;
    this.#renewal ??= this.#renew(refreshToken);
    try {
      return await this.#renewal;
    } catch (error) {
      // While the issuer has a bad moment, what is left of the old token will do.
      if (isGood && !isRefusal(error)) return idToken;
      throw error;
    } finally {
      this.#renewal = undefined;
    }
  }

  discard(token: string): void {
    this.#refused = token;
  }

  async #renew(refreshToken: string | undefined): Promise<string> {
    try {
      if (refreshToken === undefined) throw new RequestRefused(401, 'The issuer renews no sign-in.');
      this.#signedIn = await this.#options.renew(refreshToken);
      this.#options.onRenewed(this.#signedIn);
      return this.#signedIn.idToken;
    } catch (error) {
      if (isRefusal(error)) this.#options.onEnded((error as Error).message);
      throw error;
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof RequestRefused && !error.isPassing;
}
