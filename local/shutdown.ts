/** Undoes what was started, last first, and never twice. */
export class Shutdown {
  readonly #steps: Array<() => Promise<void> | void> = [];
  #done: Promise<void> | undefined;

  add(step: () => Promise<void> | void): void {
    this.#steps.unshift(step);
  }

  run(): Promise<void> {
    this.#done ??= (async () => {
      for (const step of this.#steps) await step();
    })();
    return this.#done;
  }
}
