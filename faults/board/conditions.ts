/** What is waited for, looked at again whenever something has happened. */
export class Conditions {
  readonly #waiting = new Set<() => void>();

  /**
   * Waits until a condition is fulfilled.
   * @returns false when it is not within so many milliseconds.
   */
  async until(condition: () => boolean, milliseconds: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const check = (): void => {
      if (condition()) resolve(true);
    };
    const timer = setTimeout(() => resolve(false), milliseconds);
    this.#waiting.add(check);
    check();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(check);
    }
  }

  /** Something has happened. */
  check(): void {
    for (const check of this.#waiting) check();
  }
}
