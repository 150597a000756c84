/** Whoever listens to a state: to what has an id, or to all, as undefined. They are called once for what a turn brings. */
export class TurnListeners {
  readonly #listeners = new Map<number | undefined, Set<() => void>>();
  readonly #changed = new Set<number | undefined>();

  /** @returns ends it. */
  add(id: number | undefined, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    // One that is added twice is called twice, and removed once.
    const own = (): void => listener();
    listeners.add(own);
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id);
    };
  }

  /** Something has changed: tells the listeners after this turn. */
  changed(id?: number): void {
    if (this.#changed.size === 0) queueMicrotask(() => this.#tell());
    this.#changed.add(id);
  }

  /** Nobody is told of anything any more. */
  close(): void {
    this.#listeners.clear();
  }

  #tell(): void {
    const changed = new Set(this.#changed).add(undefined);
    this.#changed.clear();
    for (const id of changed) for (const listener of this.#listeners.get(id) ?? []) listener();
  }
}
