import type { Clock } from '../../core/clock.ts';
import type { Credential } from './credential.ts';
import { signIn } from './sign-in.ts';
import type { TokenClaims } from './token-claims.ts';
import { tokenClaims } from './token-claims.ts';

/** A token that the canary can use, and whose it is. */
export interface CanaryToken extends TokenClaims {
  readonly token: string;
}

export interface TokenSourceOptions {
  /** Reads the credential anew: who has changed it need not deploy. */
  readonly readCredential: (signal: AbortSignal) => Promise<Credential>;
  readonly clock: Pick<Clock, 'now'>;
}

/** How long a token must be good yet for a run to begin with it, milliseconds. */
const leastLifeMs = 120_000;

/** The tokens of the canary, each kept as long as it is good and nothing has failed with it. */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  #kept: CanaryToken | undefined;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  /**
   * Gives the token that is kept, or signs in.
   * @throws what reading the credential throws, and `signIn`.
   */
  async get(signal: AbortSignal): Promise<CanaryToken> {
    const { readCredential, clock } = this.#options;
    if (this.#kept !== undefined && this.#kept.expiresAt - clock.now() > leastLifeMs) return this.#kept;
    const token = await askTwice(await readCredential(signal), signal);
    this.#kept = { token, ...tokenClaims(token) };
    return this.#kept;
  }

  /** The next run signs in: the token may be why the last one has failed. */
  forget(): void {
    this.#kept = undefined;
  }
}

/** A connection that was kept while the process was frozen breaks at the first word, and says nothing of the issuer. */
async function askTwice(credential: Credential, signal: AbortSignal): Promise<string> {
  try {
    return await signIn(credential, signal);
  } catch (error) {
    // What `fetch` throws when nothing answers.
    if ((error as Error).name !== 'TypeError' || signal.aborted) throw error;
    return signIn(credential, signal);
  }
}
