import type { ConnectionStatus, Source, SourceListener } from './source.ts';

/** A source that is made when it is first opened, as far as what makes it can be loaded. */
export class LateSource implements Source {
  readonly #make: () => Promise<Source>;
  readonly #listener: SourceListener;
  #source: Source | undefined;
  #isMaking = false;
  #isOpen = false;

  /** @param make does not throw. */
  constructor(make: () => Promise<Source>, listener: SourceListener) {
    this.#make = make;
    this.#listener = listener;
  }

  open(): void {
    this.#isOpen = true;
    if (this.#source) this.#source.open();
    else if (!this.#isMaking) void this.#begin();
  }

  pause(status: ConnectionStatus): void {
    this.#isOpen = false;
    if (this.#source) this.#source.pause(status);
    else this.#listener.onStatus(status);
  }

  async #begin(): Promise<void> {
    this.#isMaking = true;
    this.#source = await this.#make();
    if (this.#isOpen) this.#source.open();
  }
}
