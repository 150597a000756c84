import type { Source, SourceListener } from '../connection/source.ts';
import type { Subscription } from '../connection/transport.ts';
import type { Endpoints } from '../http/endpoints.ts';
import type { Tokens } from '../http/tokens.ts';
import { createSharedSource } from './shared-source.ts';
import { sharingKey } from './sharing-key.ts';

export interface ShareOptions {
  readonly tokens: Tokens;
  readonly endpoints: Endpoints;
  readonly subscription: Subscription;
  /** Makes a session of this page that begins at a cursor; empty: now. */
  readonly createSession: (cursor: string, listener: SourceListener) => Source;
  readonly listener: SourceListener;
}

/**
 * Makes a source that the tabs of one user share, or one of this tab alone where there is nothing to know the user by.
 * @throws when there is no token.
 */
export async function share(options: ShareOptions): Promise<Source> {
  const { tokens, endpoints, subscription } = options;
  const keyOf = (token: string): Promise<string | undefined> => sharingKey(token, endpoints, subscription);
  return new UsersSource(options, keyOf, await keyOf(await tokens.current()));
}

/** Shares with the tabs of the user whose token was given last, and with nobody else. */
class UsersSource implements Source {
  readonly #options: ShareOptions;
  #key: string | undefined;
  #source: Source;
  #isOpen = false;

  constructor(
    options: ShareOptions,
    keyOf: (token: string) => Promise<string | undefined>,
    key: string | undefined,
  ) {
    this.#options = options;
    this.#key = key;
    this.#source = this.#make();
    // Nothing is done with a token before that is known.
    options.tokens.check = async (token) => {
      const found = await keyOf(token);
      if (found !== this.#key) this.#move(found);
    };
  }

  open(): void {
    this.#isOpen = true;
    this.#source.open();
  }

  pause(...status: Parameters<Source['pause']>): void {
    this.#isOpen = false;
    this.#source.pause(...status);
  }

  /** It is another user's now, or one with other rights: whatever comes begins anew. */
  #move(key: string | undefined): void {
    this.#key = key;
    this.#source.pause({ state: 'connecting' });
    this.#source = this.#make();
    if (this.#isOpen) this.#source.open();
  }

  #make(): Source {
    const { createSession, listener } = this.#options;
    const key = this.#key;
    if (key === undefined) return createSession('', listener);
    return createSharedSource({
      key,
      listener,
      createSession: (cursor = '', ofSession) => createSession(cursor, ofSession),
    });
  }
}
