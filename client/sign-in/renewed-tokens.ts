import type { SignedIn } from './oidc-client.ts';
import { RequestRefused } from '../http/request.ts';
import type { TokenRequest } from '../http/tokens.ts';
import { signInRefused } from './refused.ts';

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
export class RenewedTokens {
  readonly #options: RenewedTokensOptions;
  #signedIn: SignedIn;
  #renewal: Promise<string> | undefined;

  constructor(options: RenewedTokensOptions) {
    this.#options = options;
    this.#signedIn = options.signedIn;
  }

  /**
   * The token in use, or another one where that was refused or is about to expire: asked for once for all who wait.
   * @throws {RequestRefused} when the issuer gives none any more; {ServerUnreachable} when another attempt may help.
   */
  async current({ refused }: TokenRequest = {}): Promise<string> {
    const { idToken, expiresAt, refreshToken } = this.#signedIn;
    const left = expiresAt - this.#options.now();
    const isGood = idToken !== refused && left > 0;
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

  async #renew(refreshToken: string | undefined): Promise<string> {
    try {
      if (refreshToken === undefined) throw signInRefused(401, 'The issuer renews no sign-in.');
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
