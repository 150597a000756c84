/** Holds back whoever comes until it is opened. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>();

  /** Resolves when the gate is open. */
  pass(): Promise<void> {
    return this.#opened.promise;
  }

  /** Lets everybody pass, from now on. */
  open(): void {
    this.#opened.resolve();
  }
}
