/** Whoever listens to the tasks: to all of them, or to one. They are called once for what happens in one turn. */
export class TaskListeners {
  readonly #all = new Set<() => void>();
  readonly #ofTasks = new Map<number, Set<() => void>>();
  #changed = new Set<number>();
  #isDue = false;

  subscribe(listener: () => void): () => void {
    return addTo(this.#all, listener);
  }

  subscribeTask(id: number, listener: () => void): () => void {
    const listeners = this.#ofTasks.get(id) ?? new Set();
    this.#ofTasks.set(id, listeners);
    const remove = addTo(listeners, listener);
    return () => {
      remove();
      if (listeners.size === 0 && this.#ofTasks.get(id) === listeners) this.#ofTasks.delete(id);
    };
  }

  /** Something has changed: tells the listeners after this turn. */
  changed(id?: number): void {
    if (id !== undefined) this.#changed.add(id);
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.#tell());
  }

  /** Nobody is told of anything any more. */
  close(): void {
    this.#all.clear();
    this.#ofTasks.clear();
  }

  #tell(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    this.#isDue = false;
    for (const id of changed) for (const listener of this.#ofTasks.get(id) ?? []) listener();
    for (const listener of this.#all) listener();
  }
}

/** One that is added twice is called twice, and removed once. */
function addTo(listeners: Set<() => void>, listener: () => void): () => void {
  const own = (): void => listener();
  listeners.add(own);
  return () => listeners.delete(own);
}
