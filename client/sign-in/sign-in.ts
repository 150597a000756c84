import type { OidcClient, PendingSignIn, SignedIn } from './oidc-client.ts';
import type { TokenProvider } from '../http/tokens.ts';
import { signInRefused } from './refused.ts';
import { RenewedTokens } from './renewed-tokens.ts';

const pendingKey = 'taskwire.sign-in.pending';
const signedInKey = 'taskwire.sign-in';
/** Set from a refused renewal until the next one that succeeds. */
const refusedKey = 'taskwire.sign-in.refused';

/** A user who is signed in. */
export interface SignedInUser {
  /** Of the ID token. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Gives the ID token, renewed as long as the issuer does: the `token` of `connect`. */
  readonly token: TokenProvider;
}

export interface SignInOptions {
  readonly client: OidcClient;
  /** Of this tab, where a sign-in outlives a reload and the way to the issuer and back. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** The issuer may sign the user in again without asking: at this address. */
  readonly onReturn: (address: string) => void;
  /** The sign-in is over, by the issuer's word. */
  readonly onEnded: (reason: string) => void;
}

/** Signs the user of this tab in and out. */
export class SignIn {
  readonly #options: SignInOptions;
  #hasSignedOut = false;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /**
   * The user who has just come back from the issuer, or was signed in before this load of the page; undefined when
   * nobody is.
   * @param query of the page's address.
   * @throws as `OidcClient.finish`.
   */
  async user(query: URLSearchParams): Promise<SignedInUser | undefined> {
    const { storage, client } = this.#options;
    if (!query.has('state')) {
      const stored = this.#signedIn();
      return stored && this.#userOf(stored);
    }
    const pending = this.#read(pendingKey) as PendingSignIn | undefined;
    storage.removeItem(pendingKey);
    if (pending === undefined)
      throw signInRefused(400, 'This sign-in was not begun in this tab, or it is over already.');
    const signedIn = await client.finish(query, pending);
    this.#keep(signedIn);
    return this.#userOf(signedIn);
  }

  /** Begins a sign-in: gives the address to go to. */
  async begin(): Promise<string> {
    const { address, pending } = await this.#options.client.begin();
    this.#options.storage.setItem(pendingKey, JSON.stringify(pending));
    return address;
  }

  /**
   * Forgets the user, here and at the issuer as far as it offers that, and renews no token from now on; gives the address to
   * go to.
   */
  async signOut(): Promise<string> {
    const { client } = this.#options;
    const refreshToken = this.#signedIn()?.refreshToken;
    this.#hasSignedOut = true;
    this.#forget();
    this.#options.storage.removeItem(refusedKey);
    if (refreshToken !== undefined) await client.revoke(refreshToken);
    return client.signOutAddress();
  }

  #userOf(signedIn: SignedIn): SignedInUser {
    const { client, storage } = this.#options;
    const tokens = new RenewedTokens({
      signedIn,
      renew: async (refreshToken) => {
        // What was under way may be refused after the sign-out, and would ask with what the issuer has taken back.
        if (this.#hasSignedOut) throw signInRefused(401, 'The user has signed out.');
        return client.renew(refreshToken);
      },
      onRenewed: (renewed) => {
        storage.removeItem(refusedKey);
        // Not after a sign-out that came while the issuer was asked.
        if (this.#signedIn() !== undefined) this.#keep(renewed);
      },
      onEnded: (reason) => void this.#end(reason),
      now: () => Date.now(),
    });
    return { claims: signedIn.claims, token: (request) => tokens.current(request) };
  }

  /**
   * Ends the sign-in. The copy of a tab has its refresh token too, which is good for once: whichever is refused goes to
   * the issuer, whose own session gives it a sign-in of its own. Once: what is refused right after that has ended.
   */
  async #end(reason: string): Promise<void> {
    const { storage, onReturn, onEnded } = this.#options;
    if (this.#hasSignedOut) return;
    const mayReturn = this.#signedIn()?.refreshToken !== undefined && storage.getItem(refusedKey) === null;
    this.#forget();
    storage.removeItem(refusedKey);
    if (!mayReturn) return onEnded(reason);
    storage.setItem(refusedKey, 'true');
    onReturn(await this.begin());
  }

  #keep(signedIn: SignedIn): void {
    this.#options.storage.setItem(signedInKey, JSON.stringify(signedIn));
  }

  #forget(): void {
    this.#options.storage.removeItem(signedInKey);
  }

  #signedIn(): SignedIn | undefined {
    return this.#read(signedInKey) as SignedIn | undefined;
  }

  #read(key: string): unknown {
    const text = this.#options.storage.getItem(key);
    return text === null ? undefined : JSON.parse(text);
  }
}
