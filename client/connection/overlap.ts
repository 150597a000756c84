/** Tells events apart that two connections bring which are open at the same time: the same event has the same cursor. */
export class Overlap {
  #seen: Set<string> | undefined;

  /** A second connection is about to bring what the first one brings. */
  begin(): void {
    this.#seen = new Set();
  }

  /**
   * Whether an event came before.
   * @param isOpen whether there are two connections; what comes before that need not be remembered.
   */
  isRepeated(cursor: string, isOpen: boolean): boolean {
    if (this.#seen?.has(cursor) === true) return true;
    if (isOpen) this.#seen?.add(cursor);
    return false;
  }
}
