import type { TokenProvider } from '../../client/index.ts';
import { OidcClient, SignIn } from '../../client/sign-in/index.ts';
import type { OidcSettings } from '../../protocol/page-settings.ts';
import type { Identity } from './identity.ts';
import { signedInIdentity } from './identity.ts';

/** Whether somebody is signed in. */
export type SignInState =
  | { readonly kind: 'unknown' }
  /** `reason`: why, where there is something to say. */
  | { readonly kind: 'signed-out'; readonly reason?: string }
  | { readonly kind: 'signed-in'; readonly identity: Identity; readonly token: TokenProvider };

/** The sign-in of this tab, for React to follow. */
export class SignInSession {
  readonly #signIn: SignIn;
  readonly #settings: OidcSettings;
  readonly #listeners = new Set<() => void>();
  #state: SignInState = { kind: 'unknown' };

  constructor(settings: OidcSettings) {
    this.#settings = settings;
    this.#signIn = new SignIn({
      client: new OidcClient(settings, `${location.origin}/`),
      storage: sessionStorage,
      onReturn: (address) => location.assign(address),
      onEnded: (reason) => this.#become({ kind: 'signed-out', reason: `Your sign-in has ended. ${reason}` }),
    });
    void this.#begin();
  }

  readonly getSnapshot = (): SignInState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Leads the user to the issuer. */
  readonly signIn = async (): Promise<void> => {
    try {
      location.assign(await this.#signIn.begin());
    } catch (error) {
      this.#become({ kind: 'signed-out', reason: (error as Error).message });
    }
  };

  /** As `signIn`, for whoever waits for nothing. */
  readonly beginSignIn = (): void => void this.signIn();

  /** Ends the sign-in here and at the issuer. */
  readonly signOut = async (): Promise<void> => {
    this.#become({ kind: 'signed-out' });
    location.assign(await this.#signIn.signOut());
  };

  async #begin(): Promise<void> {
    const query = new URLSearchParams(location.search);
    // A code is good for once, and what is in the address gets into the history and bookmarks.
    history.replaceState(undefined, '', '/');
    try {
      const user = await this.#signIn.user(query);
      if (user === undefined) return this.#become({ kind: 'signed-out' });
      const identity = signedInIdentity(user.claims, this.#settings);
      this.#become({ kind: 'signed-in', identity, token: user.token });
    } catch (error) {
      this.#become({ kind: 'signed-out', reason: (error as Error).message });
    }
  }

  #become(state: SignInState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

let session: SignInSession | undefined;

/** The one of this page: React may ask for it more than once, and the code in the address is good for once. */
export function signInSession(settings: OidcSettings): SignInSession {
  session ??= new SignInSession(settings);
  return session;
}
