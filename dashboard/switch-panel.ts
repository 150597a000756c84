import { addressOf, identityOf } from './identity.ts';
import type { Identity } from './identity.ts';
import { pageElement } from './page-element.ts';

/** The form with which the user of a local stack is whomever they say. The page's address keeps it. */
export class SwitchPanel {
  readonly #form = pageElement('identity', HTMLFormElement);
  readonly #user = pageElement('user', HTMLInputElement);
  readonly #workspace = pageElement('workspace', HTMLInputElement);
  readonly #admin = pageElement('admin', HTMLInputElement);
  readonly #secondTab = pageElement('second-tab', HTMLAnchorElement);
  readonly #onIdentity: (identity: Identity) => void;

  /** @param onIdentity hears who the page is from now on. */
  constructor(onIdentity: (identity: Identity) => void) {
    this.#onIdentity = onIdentity;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const identity = {
        user: this.#user.value,
        workspace: this.#workspace.value,
        admin: this.#admin.checked,
      };
      history.replaceState(undefined, '', addressOf(identity));
      this.#show(identity);
    });
  }

  /** Begins as the one whom the page's address names. */
  start(): void {
    this.#form.hidden = false;
    this.#show(identityOf(location.search));
  }

  /** Fills in who the page is, and offers a second tab as somebody else of the same workspace. */
  #show(identity: Identity): void {
    this.#user.value = identity.user;
    this.#workspace.value = identity.workspace;
    this.#admin.checked = identity.admin;
    const other = identity.user === 'bob' ? 'alice' : 'bob';
    this.#secondTab.href = addressOf({ user: other, workspace: identity.workspace, admin: false });
    this.#secondTab.textContent = `Open a tab as ${other}`;
    this.#onIdentity(identity);
  }
}
