import type { Identity } from './identity.ts';
import { pageElement } from './page-element.ts';

export interface SignInPanelOptions {
  /** Leads the user to the issuer. */
  readonly onSignIn: () => Promise<void>;
  readonly onSignOut: () => Promise<void>;
}

/** Who is signed in, with a button to sign out; or a button to sign in. */
export class SignInPanel {
  readonly #signedIn = pageElement('signed-in', HTMLElement);
  readonly #name = pageElement('signed-in-name', HTMLElement);
  readonly #workspace = pageElement('signed-in-workspace', HTMLElement);
  readonly #signedOut = pageElement('signed-out', HTMLElement);
  readonly #reason = pageElement('signed-out-reason', HTMLElement);

  constructor({ onSignIn, onSignOut }: SignInPanelOptions) {
    pageElement('sign-in', HTMLButtonElement).addEventListener('click', () => void onSignIn());
    pageElement('sign-out', HTMLButtonElement).addEventListener('click', () => void onSignOut());
  }

  /** Shows that nobody is signed in. @param reason why, where there is something to say. */
  showSignedOut(reason?: string): void {
    this.#signedIn.hidden = true;
    this.#signedOut.hidden = false;
    this.#reason.hidden = reason === undefined;
    this.#reason.textContent = reason ?? '';
  }

  showSignedIn({ user, name, workspace, admin }: Identity): void {
    this.#signedOut.hidden = true;
    this.#signedIn.hidden = false;
    this.#name.textContent = name ?? user;
    this.#workspace.textContent = admin ? `${workspace} (admin)` : workspace;
  }
}
